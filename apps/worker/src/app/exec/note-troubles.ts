import { ProblemError } from '@session-broker/shared'
import type { Log, LogFields } from '../../session/ports/log.ts'

/** A log that remembers what went wrong last with each session, with Chrome and with the broker, until it goes well again. */
export function noteTroubles(log: Log) {
  const last = new Map<string, string>()
  const note = (fields: LogFields) => {
    const { error, reason } = fields
    const trouble = error === undefined ? reason : describe(error)
    if (trouble !== undefined) last.set(keyOf(fields), trouble)
  }
  const noting: Log = {
    info(fields, message) {
      last.delete(keyOf(fields))
      log.info(fields, message)
    },
    warn(fields, message) {
      note(fields)
      log.warn(fields, message)
    },
    error(fields, message) {
      note(fields)
      log.error(fields, message)
    },
  }
  const of = (session: string) =>
    [session, 'Chrome', 'Broker'].map((key) => last.get(key)).filter((trouble) => trouble !== undefined)
  return { log: noting, of }
}

/** No session is called so: their names have no capitals. */
function keyOf({ session, worker }: LogFields): string {
  return session ?? (worker === undefined ? 'Broker' : 'Chrome')
}

function describe(error: unknown): string {
  if (error instanceof ProblemError) return `the broker says ${error.code}: ${error.message}`
  return error instanceof Error ? error.message : 'something failed'
}
