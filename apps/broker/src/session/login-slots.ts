/** Bounds how many accounts this broker signs in at once: each login is a browser's worth of memory. */
export interface LoginSlots {
  /** Waits for a free slot. @returns what gives it back. @throws the signal's reason. */
  take(signal: AbortSignal): Promise<() => void>
}

export function createLoginSlots(most: number): LoginSlots {
  let free = most
  const waiting: (() => void)[] = []

  function giveBack(): void {
    const next = waiting.shift()
    if (next) next()
    else free++
  }

  return {
    async take(signal) {
      signal.throwIfAborted()
      if (free > 0) {
        free--
        return giveBack
      }
      await new Promise<void>((resolve, reject) => {
        const enter = () => {
          signal.removeEventListener('abort', giveUp)
          resolve()
        }
        const giveUp = () => {
          waiting.splice(waiting.indexOf(enter), 1)
          reject(signal.reason)
        }
        signal.addEventListener('abort', giveUp, { once: true })
        waiting.push(enter)
      })
      return giveBack
    },
  }
}

/** A slot that can be lent while its login waits for somebody. */
export async function holdSlot(slots: LoginSlots, signal: AbortSignal) {
  let giveBack = await slots.take(signal)
  let isOver = false
  return {
    /** Also while it is lent: then it is not taken again. */
    giveBack() {
      isOver = true
      giveBack()
    },
    /** Others may have it meanwhile; then it is waited for again. @throws the signal's reason */
    async lend<T>(work: () => Promise<T>): Promise<T> {
      giveBack()
      giveBack = () => undefined
      const result = await work()
      if (isOver) return result
      const again = await slots.take(signal)
      // The login may have ended while it waited here.
      if (isOver) again()
      else giveBack = again
      return result
    },
  }
}
