import type { SessionSummary } from '@session-broker/shared'
import { tellLogin } from '../tell-login.ts'
import type { Notes } from './finding.ts'

/** How it stands with the session at the broker. */
export function lookAtSession(summary: SessionSummary, notes: Notes): void {
  const { status, login, generation, revision, check, staleSeconds } = summary
  const trouble = tellLogin(summary)
  const version = `generation ${generation}.${revision}`
  if (login.phase === 'locked_out') notes.fail('session', `${status}: ${trouble}`)
  else if (status === 'live') notes.ok('session', `live, ${version}${trouble ? `; ${trouble}` : ''}`)
  else notes.warn('session', `${status}: ${trouble ?? 'the last check could not tell whether it is alive'}`)
  if (!check)
    notes.warn(
      'session-check',
      'nothing tells whether a Chrome is signed in: it has no check yet (one is derived at the first login)',
    )
  if (staleSeconds !== null)
    notes.warn(
      'session-stale',
      `the broker’s store has not answered for ${Math.round(staleSeconds)} s: all this may have changed`,
    )
}
