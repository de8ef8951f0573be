import { ProblemError } from '@session-broker/shared'
import type { Clock } from './ports/clock.ts'
import type { LoginMutex } from './ports/login-mutex.ts'
import type { SessionStore, Snapshot } from './ports/session-store.ts'
import type { SiteLogOut } from './ports/site-log-out.ts'
import type { StateSealer } from './ports/state-sealer.ts'
import type { SessionDefinition } from './session-definition.ts'
import type { SessionMirror } from './session-mirror.ts'
import { takeTurn } from './take-turn.ts'
import { withinTime } from './within-time.ts'

export interface ForgetDependencies {
  store: SessionStore
  sealer: StateSealer
  mutex: LoginMutex
  mirror: Pick<SessionMirror, 'reload'>
  siteLogOut: SiteLogOut
  newMark: () => string
  clock: Clock
}

export interface ForgetOrder {
  definition: SessionDefinition
  /** Ends the session at the site first. */
  logOut: boolean
  signal: AbortSignal
}

export interface Forgotten {
  generation: number
  forgotten: boolean
  loggedOut: boolean
}

const turnMs = 30_000
const boundMs = 120_000

/**
 * Forgets the state of a session; its generation counter stays. A login that runs meanwhile publishes all the same: it is the
 * next generation.
 * @throws ProblemError `log_out_failed`: then the state stays; `account_busy` while another login has the turn; `store_unavailable`.
 */
export async function forgetSession(
  dependencies: ForgetDependencies,
  order: ForgetOrder,
): Promise<Forgotten> {
  const { mutex, clock } = dependencies
  const { account } = order.definition
  return withinTime({ clock, ms: boundMs, signal: order.signal }, async (signal) => {
    // Without a log-out the site is shown nothing.
    const turn = order.logOut
      ? await takeTurn({ mutex, clock }, { account, withinMs: turnMs, signal })
      : undefined
    try {
      return await forget(dependencies, { ...order, signal })
    } finally {
      await turn?.release()
    }
  })
}

async function forget(dependencies: ForgetDependencies, order: ForgetOrder): Promise<Forgotten> {
  const { store, mirror } = dependencies
  const { definition, logOut } = order
  for (;;) {
    const known = await store.read(definition)
    const loggedOut = logOut && known.stored !== undefined
    if (loggedOut) await logOutAtSite(dependencies, order, known)
    const outcome = await store.forgetSession(definition, known)
    // A login has published the next one meanwhile: it goes as well.
    if (outcome === 'superseded') continue
    // What is forgotten is told by the store as well.
    await mirror.reload(definition.session).catch(() => undefined)
    return { generation: known.generation, forgotten: outcome === 'forgotten', loggedOut }
  }
}

async function logOutAtSite(
  { store, sealer, siteLogOut, newMark }: ForgetDependencies,
  { definition, signal }: ForgetOrder,
  { stored }: Snapshot,
): Promise<void> {
  if (!stored) return
  const { session } = definition
  const { generation, revision, sealed } = stored
  const content = sealer.unseal(sealed, { session, generation, revision })
  const { state, check } = content
  const result = await siteLogOut({ definition, state, check: definition.check ?? check, signal })
  if (result.loggedOut) return
  if (result.state !== state) {
    const kept = sealer.seal(
      { ...content, state: result.state },
      { session, generation, revision: revision + 1 },
    )
    const change = { generation, fromRevision: revision, mark: newMark(), sealed: kept, rotated: false }
    await store.writeRevision(definition, { ...change, verdict: stored.verdict })
  }
  throw new ProblemError('log_out_failed', `${result.detail}; the state was kept`)
}
