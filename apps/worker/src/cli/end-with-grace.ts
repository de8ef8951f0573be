import { constants } from 'node:os'
import closeWithGrace from 'close-with-grace'
import type { Log } from '../session/ports/log.ts'

const graceMs = 10_000
/** npm and a terminal send one Ctrl-C twice; a person who means a second one takes longer. */
const repeatMs = 1_000

/**
 * Calls `stop` on SIGTERM, SIGINT or an error that nobody caught, and ends the process when it is done, 10 s later at
 * the most; a second signal ends it at once. Exit code 0, or 1 after an error or when the time is over.
 */
export function endWithGrace({ stop, log }: { stop: () => Promise<void>; log: Log }): { uninstall(): void } {
  const grace = closeWithGrace(
    {
      delay: graceMs,
      logger: false,
      skip: ['SIGTERM', 'SIGINT', 'beforeExit'],
      onTimeout: () => log.error({ durationMs: graceMs }, 'could not stop in time'),
    },
    async ({ err }) => {
      if (err) log.error({ error: err }, 'an error that nobody caught')
      await stop()
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
    uninstall() {
      grace.uninstall()
      process.off('SIGTERM', onSignal)
      process.off('SIGINT', onSignal)
    },
  }
}
