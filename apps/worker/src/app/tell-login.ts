import type { SessionSummary } from '@session-broker/shared'

/** What stands between a session and its being signed in, by the broker’s summary; undefined where nothing does. */
export function tellLogin({ status, login }: Pick<SessionSummary, 'status' | 'login'>): string | undefined {
  const { phase, class: failure, nextTryAt, challenge } = login
  const after = failure === undefined ? '' : ` after one that failed (${failure})`
  if (phase === 'challenged') {
    const until = challenge ? ` (${challenge.kind}), until ${challenge.expiresAt}` : ''
    return `a login waits for a person${until}: answer on the broker’s console`
  }
  if (phase === 'locked_out')
    return `logins are stopped${after} until somebody has put right why, and resets them (POST /session/reset)`
  if (phase === 'backing_off') return `the next login waits${after}${nextTryAt ? ` until ${nextTryAt}` : ''}`
  if (phase === 'running') return 'a login is under way'
  if (status === 'absent') return 'it has never been signed in to, or was forgotten'
  if (status === 'dead') return 'the broker finds it signed out'
  return undefined
}
