import {
  type Check,
  ProblemError,
  type SessionState,
  type Sighting,
  withoutQuery,
} from '@session-broker/shared'
import { type LookResult, type SiteLook, SiteUnreachableError } from './ports/site-look.ts'

/** What a page shows that still wants a one-time code. */
const codeField =
  /<input[^>]+(?:autocomplete\s*=\s*["']?one-time-code|(?:name|id)\s*=\s*["']?[\w-]*(?:otp|mfa|2fa|passcode|verification-?code))/i

export interface DeriveRequest {
  state: SessionState
  loginUrl: string
  /** Where the browser stood at the end of the login. */
  landedUrl: string
  signal: AbortSignal
}

/**
 * Finds a check where none is configured: the page on which the login ended, if it answers a stranger otherwise.
 * By plain HTTP where that suffices, else in a browser.
 * @throws ProblemError `login_not_authenticated` where nothing tells the signed-in from the stranger.
 */
export async function deriveCheck(
  look: SiteLook,
  { state, loginUrl, landedUrl, signal }: DeriveRequest,
): Promise<{ check: Check; state: SessionState }> {
  if (!isSameSite(landedUrl, loginUrl)) throw endedElsewhere(landedUrl)
  let newest = state
  for (const where of ['http', 'browser'] as const) {
    const request = { url: landedUrl, in: where, userAgent: state.userAgent, signal }
    const stranger = await lookOrFail(look, request)
    const member = await lookOrFail(look, { ...request, state: newest })
    newest = member.state ?? newest
    const expect = whatDiffers(member.sighting, stranger.sighting)
    if (expect && isSameSite(member.sighting.finalUrl, loginUrl))
      return { check: { url: landedUrl, expect, in: where }, state: newest }
  }
  throw new ProblemError(
    'login_not_authenticated',
    `after the sign-in, ${withoutQuery(landedUrl)} looks the same with and without the session: ` +
      'either the sign-in did not succeed, or the session needs a configured check',
  )
}

/** Only a member's page that asks for nothing more counts: anything else may be one more step of the sign-in. */
function whatDiffers(member: Sighting, stranger: Sighting): Check['expect'] | undefined {
  if (member.status !== 200 || hasPasswordField(member) || codeField.test(member.body)) return undefined
  if (stranger.status === 429 || stranger.status >= 500) return undefined
  if (stranger.status !== 200) return { status: 200 }
  const memberUrl = withoutQuery(member.finalUrl)
  if (memberUrl !== withoutQuery(stranger.finalUrl)) return { status: 200, finalUrl: memberUrl }
  return hasPasswordField(stranger) ? { status: 200, passwordField: false } : undefined
}

/** A sign-in that stands at another site when it ends has stopped half-way: at a consent page, for example. */
function isSameSite(url: string, other: string): boolean {
  const [a, b] = [url, other].map((each) => new URL(each).hostname)
  const site = (host = '') => (/[\d\]]$/.test(host) ? host : host.split('.').slice(-2).join('.'))
  return site(a) === site(b)
}

function endedElsewhere(landedUrl: string): ProblemError {
  return new ProblemError(
    'login_not_authenticated',
    `the sign-in ended at another site, ${new URL(landedUrl).origin}: a recipe can name what is still to be done there, ` +
      'and a configured check can say that it is right so',
  )
}

function hasPasswordField(seen: Sighting): boolean {
  return seen.hasPasswordField ?? /<input[^>]+type\s*=\s*["']?password\b/i.test(seen.body)
}

async function lookOrFail(look: SiteLook, request: Parameters<SiteLook>[0]): Promise<LookResult> {
  try {
    return await look(request)
  } catch (error) {
    if (!(error instanceof SiteUnreachableError)) throw error
    throw new ProblemError('login_not_authenticated', 'after the sign-in the site stopped answering', {
      cause: error,
    })
  }
}
