import { ProblemError, type SessionState } from '@session-broker/shared'
import { checkState } from './check-state.ts'
import { deriveCheck } from './derive-check.ts'
import { lookAs } from './exit-request.ts'
import { type SessionLook, type SiteLook, SiteUnreachableError } from './ports/site-look.ts'
import type { SealableState } from './ports/state-sealer.ts'
import type { SessionDefinition } from './session-definition.ts'
import type { CheckTrial } from './try-check.ts'

export interface ProveDependencies {
  look: SiteLook
  tryCheck: CheckTrial
}

export interface CapturedState {
  definition: SessionDefinition
  state: SessionState
  /** A page that shows it signed in; left out: the start page of the login's host. */
  landedUrl?: string | undefined
  signal: AbortSignal
}

/**
 * Shows the state to the site: by the configured check, or by one that is derived as at a login.
 * @returns it as it is after that, with the check that proved it.
 * @throws ProblemError `state_not_signed_in`, `check_unclear`, `login_misconfigured` for a check that strangers pass.
 */
export async function proveCapture(
  { look: lookAnyhow, tryCheck }: ProveDependencies,
  capture: CapturedState,
): Promise<SealableState> {
  const { definition, state, signal } = capture
  const look = lookAs(definition, lookAnyhow)
  const { check } = definition
  if (!check) return derive(look, capture)
  await tryCheck(definition, signal)
  const checked = await checkState(look, { check, state, signal })
  if (checked.verdict === 'signed_in') return { state: checked.state, check }
  if (checked.verdict === 'unclear') throw unclear(definition.session)
  throw new ProblemError(
    'state_not_signed_in',
    `the check at ${check.url} says that this state is signed out`,
  )
}

async function derive(look: SessionLook, capture: CapturedState): Promise<SealableState> {
  const { definition, state, signal } = capture
  const { loginUrl, session } = definition
  const landedUrl = capture.landedUrl ?? `${new URL(loginUrl).origin}/`
  try {
    return await deriveCheck(look, { login: { state, landedUrl }, loginUrl, signal })
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== 'login_not_authenticated') throw error
    if (error.cause instanceof SiteUnreachableError) throw unclear(session, error)
    throw new ProblemError('state_not_signed_in', error.message, { cause: error })
  }
}

export function unclear(session: string, cause?: unknown): ProblemError {
  return new ProblemError(
    'check_unclear',
    `the site does not tell whether this state of ${session} is signed in; nothing was published`,
    { cause },
  )
}
