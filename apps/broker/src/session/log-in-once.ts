import { type Check, ProblemError } from '@session-broker/shared'
import type { AskingLogin } from './challenge/ask-person.ts'
import { checkState } from './check-state.ts'
import { deriveCheck } from './derive-check.ts'
import { lookAs } from './exit-request.ts'
import { halfOf } from './login-budget.ts'
import type { LoginBudget } from './login-history.ts'
import { holdSlot, type LoginSlots } from './login-slots.ts'
import { type LoginTime, withinLoginTime } from './login-time.ts'
import { noteFailure } from './note-failure.ts'
import { createPermit } from './permit.ts'
import type { Clock } from './ports/clock.ts'
import type { EvidenceKeeper } from './ports/evidence-keeper.ts'
import type { Log } from './ports/log.ts'
import type { Lease } from './ports/login-mutex.ts'
import type { LoginTraces } from './ports/login-traces.ts'
import type { SessionStore } from './ports/session-store.ts'
import type { AskPerson, LoginJob, LoginResult, SiteLogin } from './ports/site-login.ts'
import type { SiteLook } from './ports/site-look.ts'
import type { SealableState, StateSealer } from './ports/state-sealer.ts'
import { refusalOf } from './refuse-login.ts'
import type { Credentials, SessionDefinition } from './session-definition.ts'
import type { CheckTrial } from './try-check.ts'
import { untilStored } from './until-stored.ts'

export interface LoginDependencies {
  store: SessionStore
  sealer: StateSealer
  siteLogin: SiteLogin
  look: SiteLook
  /** Whether a configured check tells anything. */
  tryCheck: CheckTrial
  slots: LoginSlots
  newMark: () => string
  /** How this login gets to people. */
  askPersonFor: (login: AskingLogin) => AskPerson
  clock: Clock
  log: Log
  /** Left out: nothing is kept of a login that failed. */
  keepEvidence?: EvidenceKeeper
}

export interface LoginRequest {
  definition: SessionDefinition
  fromGeneration: number
  operationId: string
  lease: Lease
  /** Passes breaker and back-off. */
  force: boolean
  /** Nobody waits for it: half of the budget stays for those who will. */
  unattended: boolean
  signal: AbortSignal
}

/** A login that has taken its fence. */
interface BegunLogin extends LoginRequest {
  fence: number
  failuresInRow: number
  credentials: Credentials
  budget: LoginBudget
}

/**
 * One login, from taking the fence to publishing: begin, permit, drive, prove, commit.
 * @returns the generation that it published; undefined when another login came first and this one was thrown away.
 * @throws ProblemError `login_…`; what the store has to know of it is noted.
 */
export async function logInOnce(
  dependencies: LoginDependencies,
  request: LoginRequest,
): Promise<number | undefined> {
  const slot = await holdSlot(dependencies.slots, request.signal)
  try {
    const login = await begin(dependencies, request)
    return login && (await carryOut(dependencies, { ...login, lendSlot: slot.lend }))
  } finally {
    slot.giveBack()
  }
}

/** Waits, bounded by the signal, until no earlier login can still be sending its secrets. */
async function begin(
  { store, clock }: LoginDependencies,
  request: LoginRequest,
): Promise<BegunLogin | undefined> {
  const { definition, fromGeneration, operationId, force, unattended, signal } = request
  const credentials = await definition.credentials()
  const budget = unattended ? halfOf(definition.budget) : definition.budget
  const start = { operationId, fromGeneration, force, budget, credentialsTag: credentials.tag }
  while (!signal.aborted) {
    const answer = await store.beginLogin(definition, start)
    if (answer.begun) return { ...request, ...answer, credentials, budget }
    if (answer.reason === 'superseded') return undefined
    if (answer.reason !== 'permit_outstanding')
      throw refusalOf(definition, answer, await store.read(definition))
    await clock.wait(Math.min(answer.waitMs + 5, 1_000), signal)
  }
  throw new ProblemError('login_abandoned', 'the login ended while it waited for an earlier one to end')
}

type DrivenLogin = BegunLogin & Pick<AskingLogin, 'lendSlot'>

async function carryOut(dependencies: LoginDependencies, login: DrivenLogin): Promise<number | undefined> {
  const { clock, keepEvidence } = dependencies
  const { definition, signal } = login
  const beganAtMs = clock.monotonicMs()
  let traces: LoginTraces | undefined
  const leaveTraces = (left: LoginTraces) => {
    traces = left
  }
  try {
    return await withinLoginTime({ clock, ms: definition.loginTimeoutMs, signal }, async (time) => {
      const content = await drive(dependencies, login, {
        ...time,
        ...(keepEvidence && { leaveTraces }),
      })
      return publish(dependencies, { ...login, signal: time.signal }, content)
    })
  } catch (error) {
    const tookMs = Math.round(clock.monotonicMs() - beganAtMs)
    throw await noteFailure(dependencies, { ...login, tookMs, ...(traces && { traces }) }, error)
  }
}

async function drive(
  dependencies: LoginDependencies,
  login: DrivenLogin,
  { leaveTraces, ...time }: LoginTime & Pick<LoginJob, 'leaveTraces'>,
): Promise<SealableState> {
  const { store, siteLogin, tryCheck, clock } = dependencies
  const { definition, operationId, fence, credentials } = login
  const { username, password, code, fetchCode } = credentials
  const permit = createPermit({ ...login, store, clock, tryCheck }, time)
  const claim = (window: number) => store.claimCode(definition, window)
  return siteLogin({
    definition,
    ...permit,
    signal: time.signal,
    credentials: { username, password, ...(code && { code: () => code(claim, time.signal) }) },
    askPerson: dependencies.askPersonFor({
      ...{ definition, operationId, fence, time, permit },
      ...{ lendSlot: login.lendSlot, unattended: login.unattended },
      ...(fetchCode && { fetchCode }),
    }),
    ...(leaveTraces && { leaveTraces }),
    prove: (result) => prove(dependencies, definition, result, time.signal),
  })
}

/** A login counts only when the state that was taken from the browser is itself signed in. */
async function prove(
  dependencies: LoginDependencies,
  definition: SessionDefinition,
  login: LoginResult,
  signal: AbortSignal,
): Promise<SealableState> {
  const look = lookAs(definition, dependencies.look)
  if (!definition.check) return deriveCheck(look, { login, loginUrl: definition.loginUrl, signal })
  const check: Check = definition.check
  const checked = await checkState(look, { check, state: login.state, signal })
  if (checked.verdict === 'signed_in') return { state: checked.state, check }
  throw new ProblemError(
    'login_not_authenticated',
    checked.verdict === 'unclear'
      ? 'after the sign-in the check could not tell whether the session is signed in'
      : 'after the sign-in the check says that the session is signed out',
  )
}

async function publish(
  { store, sealer, newMark, clock, log }: LoginDependencies,
  { definition, fromGeneration, operationId, fence, signal }: BegunLogin,
  content: SealableState,
): Promise<number | undefined> {
  const generation = fromGeneration + 1
  const { session } = definition
  const sealed = sealer.seal(content, { session, generation, revision: 0 })
  const publication = { fence, fromGeneration, operationId, mark: newMark(), sealed }
  const outcome = await untilStored({ clock, signal }, () => store.commitLogin(definition, publication))
  if (outcome === 'committed') return generation
  log.warn({ session, operationId, outcome }, 'a login came too late and was thrown away')
  return undefined
}
