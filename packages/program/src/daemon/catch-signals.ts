const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const

export interface CaughtSignals {
  /** Who gets them from now on. What has come before is given to the first one at once. */
  giveTo(taker: (signal: NodeJS.Signals) => void): void
  /** Leaves them to the process again. */
  release(): void
}

/** Takes the signals that end a program, or tell it something, for whoever is to have them. */
export function catchSignals(): CaughtSignals {
  const waiting: NodeJS.Signals[] = []
  let take = (signal: NodeJS.Signals): void => void waiting.push(signal)
  const onSignal = (signal: NodeJS.Signals) => take(signal)
  for (const signal of passedOn) process.on(signal, onSignal)
  return {
    giveTo(taker) {
      take = taker
      for (const signal of waiting.splice(0)) taker(signal)
    },
    release() {
      for (const signal of passedOn) process.off(signal, onSignal)
    },
  }
}
