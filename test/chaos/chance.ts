/** Chance that a seed repeats. */
export interface Chance {
  /** Evenly spread in [0, 1). */
  next(): number
  between(least: number, most: number): number
  pick<T>(list: readonly T[]): T
  /** A stream of its own, the same one for the same name. */
  fork(name: string): Chance
}

/** mulberry32: small, and good enough for choosing faults. */
export function seededChance(seed: number): Chance {
  let state = seed >>> 0

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  return {
    next,
    between: (least, most) => least + next() * (most - least),
    pick(list) {
      const picked = list[Math.floor(next() * list.length)]
      if (picked === undefined) throw new Error('there is nothing to pick from')
      return picked
    },
    fork(name) {
      let mixed = seed
      for (const character of name) mixed = Math.imul(mixed ^ character.charCodeAt(0), 0x01000193)
      return seededChance(mixed)
    },
  }
}
