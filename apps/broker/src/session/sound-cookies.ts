import { cookieFault, ProblemError, type SessionState } from '@session-broker/shared'
import { nameFirst } from './name-first.ts'

/** @throws ProblemError `request_invalid`, with the names of cookies that no browser would take; never their values. */
export function requireSoundCookies({ cookies }: Pick<SessionState, 'cookies'>): void {
  const faults = cookies.flatMap((cookie) => {
    const fault = cookieFault(cookie)
    return fault === undefined
      ? []
      : [`${cookie.name.slice(0, 60)} of ${cookie.domain.slice(0, 60)}: ${fault}`]
  })
  if (faults.length > 0) throw new ProblemError('request_invalid', `body.cookies: ${nameFirst(faults, '; ')}`)
}
