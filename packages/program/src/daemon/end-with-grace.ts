import { constants } from 'node:os'
import closeWithGrace from 'close-with-grace'
import type { ProgramLog } from './log.ts'

/** npm and a terminal send one Ctrl-C twice; a person who means a second one takes longer. */
const repeatMs = 1_000

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
type Signal = (typeof signals)[number]

type EndingLog = Pick<
  ProgramLog<{ reason?: string; durationMs?: number; error?: unknown }>,
  'info' | 'warn' | 'error'
>

interface GracefulEnd {
  isEnding(): boolean
  /** Leaves the process to itself again. */
  uninstall(): void
}

/**
 * Ends the process on SIGTERM, SIGINT, SIGHUP or an error that nobody caught, once `stop` is done, or its time is over. A
 * second signal ends it at once. Exit code 0, or 1 after an error or when the time is over.
 * @param graceMs how long `stop` may take.
 */
export function endWithGrace(options: {
  stop: () => Promise<void>
  log: EndingLog
  graceMs: number
}): GracefulEnd {
  const { stop, log, graceMs } = options
  let endingSince: number | undefined
  const grace = closeWithGrace(
    {
      delay: graceMs,
      logger: false,
      skip: [...signals, 'beforeExit'],
      onTimeout: () => log.error({ durationMs: graceMs }, 'could not stop in time: ending at once'),
      onSecondError: (error) => log.error({ error }, 'another error while stopping: ending at once'),
    },
    async ({ err }) => {
      endingSince ??= performance.now()
      if (err) log.error({ error: err }, 'an error that nobody caught: stopping')
      await stop().catch((error) => {
        log.error({ error }, 'could not stop cleanly')
        throw error
      })
    },
  )
  const onSignal = (signal: Signal) => {
    if (endingSince === undefined) {
      endingSince = performance.now()
      log.info({ reason: signal }, 'stopping')
      grace.close()
    } else if (performance.now() - endingSince > repeatMs) {
      log.warn({ reason: signal }, 'a second signal: ending at once')
      process.exit(128 + constants.signals[signal])
    }
  }
  for (const signal of signals) process.on(signal, onSignal)
  return {
    isEnding: () => endingSince !== undefined,
    uninstall() {
      grace.uninstall()
      for (const signal of signals) process.off(signal, onSignal)
    },
  }
}
