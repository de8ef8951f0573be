import {
  type Check,
  hasPasswordField,
  judge,
  type SessionState,
  type Sighting,
  type Verdict,
  withoutQuery,
} from '@session-broker/shared'
import { type SessionLook, SiteUnreachableError } from './ports/site-look.ts'

export interface CheckResult {
  verdict: Verdict
  /** The state with what the site's answers changed in it (rotated or prolonged cookies). */
  state: SessionState
}

interface CheckRequest {
  check: Check
  state: SessionState
  signal: AbortSignal
}

/**
 * Asks the site whether the state is signed in. Always with the whole, newest state: some sites end a session otherwise. Where
 * plain HTTP cannot be sure of "signed out", a browser looks once more.
 */
export async function checkState(look: SessionLook, request: CheckRequest): Promise<CheckResult> {
  const { check } = request
  let { state } = request
  try {
    const first = await ask(look, request, check.in)
    state = first.state
    if (check.in === 'browser' || first.verdict !== 'signed_out' || !wantsBrowser(check, first.sighting))
      return first
    return await ask(look, { ...request, state }, 'browser')
  } catch (error) {
    if (error instanceof SiteUnreachableError) return { verdict: 'unclear', state }
    throw error
  }
}

async function ask(look: SessionLook, { check, state, signal }: CheckRequest, where: Check['in']) {
  const { url, expect } = check
  const { userAgent, userAgentMetadata } = state
  const seen = await look({ url, in: where, expect, userAgent, userAgentMetadata, state, signal })
  return { verdict: judge(expect, seen.sighting), state: seen.state ?? state, sighting: seen.sighting }
}

/**
 * A page at the very address, with neither a form nor a redirect to one: a script may have to draw what is looked for, or a wall
 * stands before whoever runs none.
 */
function wantsBrowser(check: Check, seen: Sighting): boolean {
  const isThere = withoutQuery(seen.finalUrl) === withoutQuery(check.url)
  const isPage = /<(?:html|head|body|script)\b/i.test(seen.body)
  return isThere && isPage && (seen.status === 200 || seen.status === 403) && !hasPasswordField(seen)
}
