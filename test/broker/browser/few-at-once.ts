/** Pages: more of them slow each other down into the bounds of a login. */
export const atOnce = 3

/** Gives work its turn, a few at a time. */
export function takeTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let free = atOnce
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => void waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}

/** Works on all items, a few at once. */
export async function fewAtOnce<T>(items: Iterable<T>, work: (item: T) => Promise<unknown>): Promise<void> {
  const inTurn = takeTurns()
  await Promise.all([...items].map((item) => inTurn(() => work(item))))
}
