import type { IssuedSession, OriginStorage } from '@session-broker/shared'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import type { ApplyResult, PartialState } from './apply-result.ts'
import { cookiesToSet } from './cookies-to-set.ts'
import { inTurn } from './in-turn.ts'
import { beginSettling, settleState } from './mend-late-answers.ts'
import { type OwnedSites, ownedSites } from './owned-sites.ts'
import { reloadPages } from './reload-pages.ts'
import { type PreparedSwap, prepareSwap, type StatePlan, type SwappedState } from './swap-state.ts'
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
  const settling = beginSettling(chrome, state.session, options.signal)

  return inTurn(chrome, async () => {
    const { refused, swap } = await validateAndPrepare(plan)
    if (!swap) return refusal(request, refused, performance.now() - start)
    const swapped = await swap.run().finally(swap.close)
    if (options.reloadPages) await reloadPages(chrome, plan.owned)
    const settled = settleState(plan, swapped, { looksMs: lateLooksMs, signal: settling })
    return { ...tell(request, plan, swapped), applyMs: swapped.readBackAt - start, settled }
  })
}

/** Both at once: neither touches anything. There is no swap where a cookie is refused. */
async function validateAndPrepare(
  plan: StatePlan,
): Promise<{ refused: RefusedCookie[]; swap?: PreparedSwap }> {
  const [validated, prepared] = await Promise.allSettled([
    validateCookies(plan.chrome, plan.wanted, plan),
    prepareSwap(plan),
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
  const tabs = { session: state.session, origins: state.origins }
  return {
    chrome,
    wanted,
    storage: [...state.origins, ...emptied],
    tabs,
    owned,
    nowSeconds,
    beforeSwap,
    signal,
  }
}

function tell(
  { chrome, state }: ApplyRequest,
  plan: StatePlan,
  { cookies, partialStorage, heldMs }: SwappedState,
): Omit<ApplyResult, 'applyMs' | 'settled'> {
  const { missing, foreign } = cookies.differences
  const notReplaced = [...missing, ...foreign].map(
    ({ domain, name }): PartialState => ({ origin: domain, what: `cookie ${name}` }),
  )
  const partial = [...notReplaced, ...partialStorage]
  const isExact = partial.length === 0
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
