import { emitWarning } from 'node:process'

/** For whoever gave no `onTrouble`: said once by Node, on stderr; `--no-warnings` leaves it out. */
export function warnOfTrouble(error: unknown): void {
  emitWarning(error instanceof Error ? error.message : 'a session could not be kept current', {
    type: 'SessionBrokerWarning',
  })
}
