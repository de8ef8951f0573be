import type { Check } from '@session-broker/shared'
import { openSessions, type SessionsOptions } from './open-sessions.ts'

export interface LoginOptions extends SessionsOptions {
  session: string
  /** Passes breaker and back-off, never the budget. */
  force: boolean
  /** Gives the login up. */
  stopping: AbortSignal
}

/** What a login came to: counts and names, nothing that signs anybody in. */
export interface LoginReport {
  generation: number
  check: Check
  /** Found out by this login; otherwise configured. */
  isDerived: boolean
  cookies: number
  /** Of origins that have something in their storage. */
  origins: number
}

/**
 * Makes one login as a broker makes it, on the store of the configuration: under the account's mutex, fence, permit and budget. It is
 * published like any other, and every broker on that store has it.
 * @throws ProblemError `login_…`, `store_unavailable`.
 */
export async function logIn(options: LoginOptions): Promise<LoginReport> {
  const { session, force, stopping, ...sessionsOptions } = options
  await using opened = new AsyncDisposableStack()
  const { refresher, mirror, finishLogins } = await openSessions(sessionsOptions, opened)
  stopping.throwIfAborted()
  const giveUp = () => void finishLogins(0)
  stopping.addEventListener('abort', giveUp, { once: true })
  opened.defer(() => stopping.removeEventListener('abort', giveUp))
  if (force) options.log.audit({ session, reason: 'at the command line' }, 'a login was forced')
  const ticket = await refresher.refresh({ session, cause: force ? 'operator' : 'person' })
  await ticket.result
  const { generation, content, definition } = await mirror.reload(session)
  if (!content) throw new Error('a session that was just published has a state')
  const { state, check } = content
  return {
    generation,
    check,
    isDerived: definition.check === undefined,
    cookies: state.cookies.length,
    origins: state.origins.length,
  }
}
