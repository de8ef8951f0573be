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
