import { type Check, judge, type SessionState, type Verdict } from '@session-broker/shared'
import { type SiteLook, SiteUnreachableError } from './ports/site-look.ts'

export interface CheckResult {
  verdict: Verdict
  /** The state with what the site's answers changed in it (rotated or prolonged cookies). */
  state: SessionState
}

/** Asks the site whether the state is signed in. Always with the whole, newest state: some sites end a session otherwise. */
export async function checkState(
  look: SiteLook,
  { check, state, signal }: { check: Check; state: SessionState; signal: AbortSignal },
): Promise<CheckResult> {
  try {
    const seen = await look({
      url: check.url,
      in: check.in,
      expect: check.expect,
      userAgent: state.userAgent,
      state,
      signal,
    })
    return { verdict: judge(check.expect, seen.sighting), state: seen.state ?? state }
  } catch (error) {
    if (error instanceof SiteUnreachableError) return { verdict: 'unclear', state }
    throw error
  }
}
