import type { IssuedSession, OriginStorage } from '@session-broker/shared'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import type { ApplyResult, PartialState } from './apply-result.ts'
import { type ContextId, type Contexts, defaultContextOnly } from './contexts.ts'
import { cookiesToSet } from './cookies-to-set.ts'
import { inTurn } from './in-turn.ts'
import { beginSettling, settleState } from './mend-late-answers.ts'
import { type OwnedSites, ownedSites } from './owned-sites.ts'
import { reloadPages } from './reload-pages.ts'
import {
  type PreparedSwap,
  prepareSwap,
  type StatePlan,
  type SwappedContext,
  type SwappedState,
} from './swap-state.ts'
import { type RefusedCookie, validateCookies } from './validate-cookies.ts'

export interface ApplyRequest {
  chrome: ChromeConnection
  state: Pick<IssuedSession, 'session' | 'userAgent' | 'cookies' | 'origins'>
  /** `owned` of the last apply's result. Left out: what of this session may be in Chrome is not known. */
  previous?: OwnedSites | undefined
  options?: ApplyOptions
}

export interface ApplyOptions {
  /** Reload the open pages of the session's sites, so that they run with the new state. Left out: false. */
  reloadPages?: boolean
  /** Right before the first change, also of a late answer; where it rejects, nothing was changed. */
  beforeSwap?: () => Promise<void>
  signal?: AbortSignal | undefined
  /** Left out: the default one. */
  contexts?: Contexts
  /** When to look whether a late answer has undone something, in ms after the apply; empty: never. */
  lateLooksMs?: readonly number[]
  /** ms since 1970 */
  now?: () => number
}

/**
 * Makes a Chrome hold exactly this state on the session's sites, and leaves all other sites alone. Requests are held
 * back meanwhile, so that none carries a mix of two generations, or nothing.
 *
 * Whether the state is newer than what is there is the caller's to know.
 *
 * @throws CdpError when Chrome is away or does not answer; the signal's reason
 */
export async function applySession(request: ApplyRequest): Promise<ApplyResult> {
  const { chrome, state, options = {} } = request
  const { lateLooksMs = [100, 300, 1_000] } = options
  const start = performance.now()
  const plan = planState(request)
  const { contexts: which = defaultContextOnly } = options
  const settling = beginSettling(chrome, state.session, options.signal)

  return inTurn(chrome, async () => {
    const contexts = await which.present(options.signal)
    const { refused, swap } = await validateAndPrepare(plan, contexts)
    if (!swap) return refusal(request, refused, performance.now() - start)
    const swapped = await swap.run().finally(swap.close)
    which.keep(state.session, { contexts, plan: () => planAnew(request) })
    if (options.reloadPages) await reloadPages(chrome, { owned: plan.owned, contexts })
    const settled = settleState(plan, swapped, { looksMs: lateLooksMs, signal: settling })
    return { ...tell(request, plan, swapped), applyMs: swapped.readBackAt - start, settled }
  })
}

/** Both at once: neither touches anything. There is no swap where a cookie is refused. */
async function validateAndPrepare(
  plan: StatePlan,
  contexts: readonly ContextId[],
): Promise<{ refused: RefusedCookie[]; swap?: PreparedSwap }> {
  const [validated, prepared] = await Promise.allSettled([
    validateCookies(plan.chrome, plan.wanted, plan),
    prepareSwap(plan, contexts),
  ])
  const isGood = validated.status === 'fulfilled' && validated.value.length === 0
  if (prepared.status === 'fulfilled' && !isGood) await prepared.value.close()
  if (validated.status === 'rejected') throw validated.reason
  if (prepared.status === 'rejected') throw prepared.reason
  return { refused: validated.value, ...(isGood && { swap: prepared.value }) }
}

function planState({ chrome, state, previous, options = {} }: ApplyRequest): StatePlan {
  const { now = Date.now, beforeSwap, signal } = options
  const nowSeconds = () => now() / 1_000
  const owned = ownedSites(state, previous)
  const wanted = cookiesToSet(state.cookies, nowSeconds())
  const gone = owned.origins.filter((origin) => !state.origins.some((one) => one.origin === origin))
  const emptied: OriginStorage[] = gone.map((origin) => ({ origin, localStorage: [], indexedDB: [] }))
  const inEveryContext = options.contexts?.isEvery ?? false
  const tabs = { session: state.session, origins: state.origins, inEveryContext }
  const storage = [...state.origins, ...emptied]
  return { chrome, wanted, storage, tabs, owned, nowSeconds, holdsRequests: true, beforeSwap, signal }
}

/** For a context that comes later; new pages have their sessionStorage by themselves. */
function planAnew({ chrome, state, options = {} }: ApplyRequest): StatePlan {
  const { signal: _itsOwn, ...lasting } = options
  return {
    ...planState({ chrome, state, options: lasting }),
    tabs: undefined,
  }
}

function tell(
  { chrome, state }: ApplyRequest,
  plan: StatePlan,
  { contexts, partialTabs, heldMs }: SwappedState,
): Omit<ApplyResult, 'applyMs' | 'settled'> {
  const partial = [...contexts.flatMap(notReplaced), ...partialTabs]
  const isExact = partial.length === 0
  const missing = contexts.find(isDefault)?.cookies.differences.missing ?? []
  return {
    outcome: isExact ? 'applied' : 'partial',
    heldMs,
    cookies: plan.wanted.length - missing.length,
    refused: [],
    partial,
    // What may be left of the former state is still to be removed by the next.
    owned: isExact ? ownedSites(state) : plan.owned,
    userAgentDiffers: chrome.userAgent !== state.userAgent,
  }
}

function notReplaced(context: SwappedContext): PartialState[] {
  const { missing, foreign } = context.cookies.differences
  const cookies = [...missing, ...foreign].map(({ domain, name }) => ({
    origin: domain,
    what: `cookie ${name}`,
  }))
  const all = [...cookies, ...context.partialStorage]
  return isDefault(context)
    ? all
    : all.map(({ origin, what }) => ({ origin, what: `${what} in another context` }))
}

function isDefault({ browserContextId }: SwappedContext): boolean {
  return browserContextId === undefined
}

function refusal(
  { chrome, state, previous }: ApplyRequest,
  refused: ApplyResult['refused'],
  applyMs: number,
): ApplyResult {
  return {
    outcome: 'refused',
    applyMs,
    heldMs: 0,
    cookies: 0,
    refused,
    partial: [],
    owned: previous ?? { domains: [], origins: [] },
    userAgentDiffers: chrome.userAgent !== state.userAgent,
    settled: Promise.resolve('kept'),
  }
}
