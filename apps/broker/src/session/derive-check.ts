import {
  type Check,
  hasPasswordField,
  ProblemError,
  type SessionState,
  type Sighting,
  withoutQuery,
} from '@session-broker/shared'
import { isSameSite } from '@session-broker/shared/site'
import { type CheckCandidate, listCheckCandidates } from './list-check-candidates.ts'
import type { LoginResult } from './ports/site-login.ts'
import { type LookResult, type SessionLook, SiteUnreachableError } from './ports/site-look.ts'

/** What a page shows that still wants a one-time code. */
const codeField =
  /<input[^>]+(?:autocomplete\s*=\s*["']?one-time-code|(?:name|id)\s*=\s*["']?[\w-]*(?:otp|mfa|2fa|passcode|verification-?code))/i

export interface DeriveRequest {
  login: LoginResult
  loginUrl: string
  signal: AbortSignal
}

/** What somebody with the session is shown, and a stranger, who comes with nothing. */
interface Pair {
  member: Sighting
  stranger: Sighting
}

/**
 * Finds a check where none is configured: a request that a stranger is answered otherwise. The page on which the login ended,
 * then what it asked the site for; by plain HTTP where that suffices, else the page in a browser.
 * @throws ProblemError `login_not_authenticated` where nothing tells the signed-in from the stranger.
 */
export async function deriveCheck(
  look: SessionLook,
  { login, loginUrl, signal }: DeriveRequest,
): Promise<{ check: Check; state: SessionState }> {
  if (!isSameSite(login.landedUrl, loginUrl)) throw endedElsewhere(login.landedUrl)
  let { state } = login
  for (const candidate of listCheckCandidates(login, loginUrl)) {
    const seen = await lookAsBoth(look, { candidate, login: { ...login, state }, signal })
    if (!seen) continue
    state = seen.state
    const expect = isSameSite(seen.member.finalUrl, loginUrl) ? whatDiffers(seen, login.signs) : undefined
    if (expect) return { check: { url: candidate.url, expect, in: candidate.in }, state }
  }
  throw new ProblemError(
    'login_not_authenticated',
    `after the sign-in, ${withoutQuery(login.landedUrl)} looks the same with and without the session: ` +
      'either the sign-in did not succeed, or the session needs a configured check',
  )
}

/**
 * Both at once; the stranger has nothing of the state. @returns undefined where a request of a page gets no answer: some stay
 * open for ever.
 */
async function lookAsBoth(
  look: SessionLook,
  { candidate, login, signal }: { candidate: CheckCandidate; login: LoginResult; signal: AbortSignal },
): Promise<(Pair & { state: SessionState }) | undefined> {
  const { state, signs = [] } = login
  const { userAgent, userAgentMetadata } = state
  const request = { url: candidate.url, in: candidate.in, userAgent, userAgentMetadata, signal }
  const hoped = signs[0] !== undefined && candidate.in === 'browser' && { expect: { text: signs[0] } }
  try {
    const [stranger, member]: [LookResult, LookResult] = await Promise.all([
      look(request),
      look({ ...request, ...hoped, state }),
    ])
    return { stranger: stranger.sighting, member: member.sighting, state: member.state ?? state }
  } catch (error) {
    if (!(error instanceof SiteUnreachableError)) throw error
    if (candidate.isRequest) return undefined
    throw new ProblemError('login_not_authenticated', 'after the sign-in the site stopped answering', {
      cause: error,
    })
  }
}

/**
 * Only a member's page that asks for nothing more counts: anything else may be one more step of the sign-in. A sign that is there
 * comes before a field that is not: a page that is not yet drawn has no field either.
 */
function whatDiffers({ member, stranger }: Pair, signs: readonly string[] = []): Check['expect'] | undefined {
  const text = signs.find((sign) => member.body.includes(sign) && !stranger.body.includes(sign))
  // Some pages of those who are signed in have a form for another password.
  const asksPassword = hasPasswordField(member) && text === undefined
  if (member.status !== 200 || asksPassword || codeField.test(member.body)) return undefined
  if (stranger.status === 429 || stranger.status >= 500) return undefined
  if (stranger.status !== 200) return { status: 200 }
  const finalUrl = withoutQuery(member.finalUrl)
  if (finalUrl !== withoutQuery(stranger.finalUrl)) return { status: 200, finalUrl }
  if (text !== undefined) return { status: 200, text }
  return hasPasswordField(stranger) ? { status: 200, passwordField: false } : undefined
}

/** A sign-in that stands at another site when it ends has stopped half-way: at a consent page, for example. */
function endedElsewhere(landedUrl: string): ProblemError {
  return new ProblemError(
    'login_not_authenticated',
    `the sign-in ended at another site, ${new URL(landedUrl).origin}: a recipe can name what is still to be done there, ` +
      'and a configured check can say that it is right so',
  )
}
