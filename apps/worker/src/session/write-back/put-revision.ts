import { type IssuedSession, ProblemError } from '@session-broker/shared'
import type { HeldSession } from '../held-session.ts'
import type { Here, Keep } from '../here.ts'

/**
 * Puts what Chrome holds now in the place of the revision that it was given. Given up when another generation comes meanwhile: what is
 * here belongs to a login that is over.
 * @returns conflict: another revision came first, and is on its way here. superseded: it was here already, or nothing is left to put.
 */
export async function putRevision(
  { held, broker, log, line }: Keep,
  here: Here,
  applied: IssuedSession,
): Promise<'put' | 'conflict' | 'superseded'> {
  const { chrome, signal } = here
  const { session, generation } = applied
  const over = new AbortController()
  const until = AbortSignal.any([signal, over.signal])
  void untilOtherGeneration(held, generation, until).then(() => over.abort())
  try {
    const { cookies, changed } = await chrome.heldCookies(applied, until)
    const current = held.current()
    // A Chrome that was signed out has been given the state once more.
    if (current?.issued !== applied || changed.length === 0) return 'superseded'
    // What comes of it is later than this, also where its answer is lost.
    here.held = { cookies, atMs: Number.NEGATIVE_INFINITY }
    const put = await broker.writeBack({ session, cookies, ifMatch: current.etag, signal: until })
    const { revision } = put
    log.info(
      { session, generation, revision, worker: line.workerId, reason: enumerate(changed) },
      'written back',
    )
    // The check may have changed it once more: what was published is fetched.
    held.hear(put)
    return 'put'
  } catch (error) {
    if (over.signal.aborted && !signal.aborted) return 'superseded'
    if (!(error instanceof ProblemError && error.code === 'precondition_failed')) throw error
    // Which of the two is later nobody knows.
    delete here.held
    held.hear({ generation, revision: applied.revision + 1 })
    return 'conflict'
  } finally {
    over.abort()
  }
}

async function untilOtherGeneration(
  held: HeldSession,
  generation: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const heard = held.changes.rings()
    if (held.newest()?.generation !== generation) return
    await held.changes.rungSince(heard, signal)
  }
}

/** The first ones say enough. */
const mostNamed = 5

function enumerate(names: readonly string[]): string {
  const more = names.length - mostNamed
  return names.slice(0, mostNamed).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
