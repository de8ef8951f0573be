import { constants } from 'node:os'
import closeWithGrace from 'close-with-grace'
import type { Log } from '../session/ports/log.ts'

/** npm and a terminal send one Ctrl-C twice; a person who means a second one takes longer. */
const repeatMs = 1_000

export interface GracefulEnd {
  isEnding(): boolean
  /** Leaves the process to itself again. */
  uninstall(): void
}

/**
 * Ends the process on SIGTERM, SIGINT or an error that nobody caught, once `stop` is done, or its time is over. A second
 * signal ends it at once. Exit code 0, or 1 after an error or when the time is over.
 */
export function endWithGrace(options: {
  stop: () => Promise<void>
  log: Log
  /** How long `stop` may take. */
  graceMs?: number
}): GracefulEnd {
  const { stop, log, graceMs = 25_000 } = options
  const grace = closeWithGrace(
    {
      delay: graceMs,
      logger: false,
      skip: ['SIGTERM', 'SIGINT', 'beforeExit'],
      onTimeout: () => log.error({ durationMs: graceMs }, 'could not stop in time: ending at once'),
      onSecondError: (error) => log.error({ error }, 'another error while stopping: ending at once'),
    },
    async ({ err }) => {
      if (err) log.error({ error: err }, 'an error that nobody caught: stopping')
      await stop().catch((error) => {
        log.error({ error }, 'could not stop cleanly')
        throw error
      })
    },
  )
  let endingSince: number | undefined
  const onSignal = (signal: 'SIGTERM' | 'SIGINT') => {
    if (endingSince === undefined) {
      endingSince = performance.now()
      log.info({ reason: signal }, 'stopping')
      grace.close()
    } else if (performance.now() - endingSince > repeatMs) {
      log.warn({ reason: signal }, 'a second signal: ending at once')
      process.exit(128 + constants.signals[signal])
    }
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  return {
    isEnding: () => endingSince !== undefined,
    uninstall() {
      grace.uninstall()
      process.off('SIGTERM', onSignal)
      process.off('SIGINT', onSignal)
    },
  }
}
