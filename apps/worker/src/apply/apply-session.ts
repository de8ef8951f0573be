import { type ApplyRequest, planAnew, planState } from './apply-request.ts'
import type { ApplyResult, PartialState } from './apply-result.ts'
import { type ContextId, defaultContextOnly } from './contexts.ts'
import { inTurn } from './in-turn.ts'
import { beginSettling, settleState } from './mend-late-answers.ts'
import { ownedSites } from './owned-sites.ts'
import { reloadPages } from './reload-pages.ts'
import type { StatePlan } from './state-plan.ts'
import { type PreparedSwap, prepareSwap, type SwappedContext, type SwappedState } from './swap-state.ts'
import { type RefusedCookie, validateCookies } from './validate-cookies.ts'

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
    const swapped = await run(swap, options.mayBegin).finally(swap.close)
    which.keep(state.session, { contexts, plan: () => planAnew(request) })
    if (options.reloadPages && !request.base) await reloadPages(chrome, { owned: plan.owned, contexts })
    const settled = settleState(plan, swapped, { looksMs: lateLooksMs, signal: settling })
    return { ...tell(request, plan, swapped), applyMs: swapped.readBackAt - start, settled }
  })
}

async function run(swap: PreparedSwap, mayBegin?: () => Promise<void>): Promise<SwappedState> {
  await mayBegin?.()
  return swap.run()
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
    owned: isExact && !plan.merge ? ownedSites(state) : plan.owned,
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
