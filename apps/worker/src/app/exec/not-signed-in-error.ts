import type { Missing } from './signed-in-board.ts'

/** A session was not in by the time that the job had to be started. A later try may succeed. */
export class NotSignedInError extends Error {
  override readonly name = 'NotSignedInError'
  /** EX_TEMPFAIL of sysexits.h. */
  readonly exitCode = 75

  constructor({ session, standing }: Missing, why: string) {
    const where = standing ? ` in ${standing.address}` : ''
    super(`The job was not started: ${session} is not signed in${where} within the time of --wait: ${why}`)
  }
}
