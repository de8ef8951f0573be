import type { BrokerClient } from '@session-broker/client'
import type { Check, SessionSummary } from '@session-broker/shared'
import { cookiesToSet } from '../../apply/cookies-to-set.ts'
import { validateCookies } from '../../apply/validate-cookies.ts'
import type { ChromeConnection } from '../../cdp/connect-to-chrome.ts'
import { lookSignedIn } from '../../cdp/look-signed-in.ts'
import type { Notes } from './finding.ts'

export interface StateLook {
  client: Pick<BrokerClient, 'cookies'>
  summary: SessionSummary
  chrome: ChromeConnection
  now: () => number
  notes: Notes
}

/** Whether this Chrome would take the session, and whether it is signed in. Nothing of it is touched. */
export async function lookAtState(look: StateLook): Promise<void> {
  const { summary, chrome, notes } = look
  // Without a state, asking for it would be asking for a login.
  if (summary.status !== 'absent') await tryCookies(look)
  if (summary.check) await lookNow(chrome, summary.check, { summary, notes })
}

async function tryCookies({ client, summary, chrome, now, notes }: StateLook): Promise<void> {
  const { session } = summary
  const answer = await client.cookies({ session })
  if (answer.kind !== 'session') return
  const nowSeconds = () => now() / 1_000
  const { cookies, userAgent } = answer.session
  const refused = await validateCookies(chrome, cookiesToSet(cookies, nowSeconds()), { nowSeconds })
  const names = refused.slice(0, 5).map(({ name, domain, reason }) => `${name} of ${domain} (${reason})`)
  if (refused.length > 0)
    notes.fail(
      'chrome-cookies',
      `this Chrome refuses ${refused.length} of its ${cookies.length} cookies: ${names.join(', ')}; try a newer Chrome`,
    )
  else notes.ok('chrome-cookies', `this Chrome takes all of its ${cookies.length} cookies`)
  if (userAgent !== chrome.userAgent)
    notes.warn(
      'chrome-user-agent',
      `the session was given to another user agent; where the site binds it to that, start Chrome with --user-agent="${userAgent}"`,
    )
  else notes.ok('chrome-user-agent', 'its user agent is the one that the session was given to')
}

async function lookNow(
  chrome: ChromeConnection,
  check: Check,
  { summary, notes }: Pick<StateLook, 'summary' | 'notes'>,
): Promise<void> {
  const verdict = await lookSignedIn(chrome, check)
  if (verdict === 'signed_in') notes.ok('signed-in', 'signed in')
  else if (verdict === 'unclear')
    notes.warn('signed-in', `the site does not tell: ${check.url} answers with an error, or not in time`)
  else if (summary.status === 'live')
    notes.warn(
      'signed-in',
      'signed out, and the broker finds the session alive: start a worker (run), or see with status what the last one has reported',
    )
  else notes.warn('signed-in', 'signed out')
}
