import {
  type Check,
  ProblemError,
  type SessionState,
  type Sighting,
  withoutQuery,
} from '@session-broker/shared'
import { type LookResult, type SiteLook, SiteUnreachableError } from './ports/site-look.ts'

/**
 * Finds a check where none is configured: the page on which the login ended, if it answers a stranger otherwise.
 * By plain HTTP where that suffices, else in a browser.
 * @throws ProblemError `login_not_authenticated` where nothing tells the signed-in from the stranger.
 */
export async function deriveCheck(
  look: SiteLook,
  { state, landedUrl, signal }: { state: SessionState; landedUrl: string; signal: AbortSignal },
): Promise<{ check: Check; state: SessionState }> {
  let newest = state
  for (const where of ['http', 'browser'] as const) {
    const request = { url: landedUrl, in: where, userAgent: state.userAgent, signal }
    const stranger = await lookOrFail(look, request)
    const member = await lookOrFail(look, { ...request, state: newest })
    newest = member.state ?? newest
    const expect = whatDiffers(member.sighting, stranger.sighting)
    if (expect) return { check: { url: landedUrl, expect, in: where }, state: newest }
  }
  throw new ProblemError(
    'login_not_authenticated',
    `after the sign-in, ${withoutQuery(landedUrl)} looks the same with and without the session: ` +
      'either the sign-in did not succeed, or the session needs a configured check',
  )
}

/** Only a member's page without a password field counts: anything else may be the sign-in page once more. */
function whatDiffers(member: Sighting, stranger: Sighting): Check['expect'] | undefined {
  if (member.status !== 200 || hasPasswordField(member)) return undefined
  if (stranger.status === 429 || stranger.status >= 500) return undefined
  if (stranger.status !== 200) return { status: 200 }
  const memberUrl = withoutQuery(member.finalUrl)
  if (memberUrl !== withoutQuery(stranger.finalUrl)) return { status: 200, finalUrl: memberUrl }
  return hasPasswordField(stranger) ? { status: 200, passwordField: false } : undefined
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
