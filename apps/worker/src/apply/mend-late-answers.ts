import type { Cookie } from '@session-broker/shared'
import { CdpError } from '../cdp/cdp-error.ts'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import { StoodDown } from '../session/ports/chrome.ts'
import type { Settlement } from './apply-result.ts'
import { cookieJar } from './chrome-cookies.ts'
import { inTurn } from './in-turn.ts'
import { repairUndone } from './merge-revision.ts'
import type { StatePlan } from './state-plan.ts'
import { prepareSwap, type SwappedContext, type SwappedState } from './swap-state.ts'
import { watchLateAnswers } from './watch-late-answers.ts'

const underWay = new WeakMap<ChromeConnection, Map<string, AbortController>>()

/** Ends the settling of the session's former state in this Chrome, so that it can never replace the new one. */
export function beginSettling(chrome: ChromeConnection, session: string, signal?: AbortSignal): AbortSignal {
  const sessions = underWay.get(chrome) ?? new Map<string, AbortController>()
  underWay.set(chrome, sessions)
  sessions.get(session)?.abort()
  const controller = new AbortController()
  sessions.set(session, controller)
  return signal ? AbortSignal.any([signal, controller.signal]) : controller.signal
}

/** Puts the cookies in once more where a late answer has undone some; only once, so that it never fights a site. */
export async function settleState(
  plan: StatePlan,
  { contexts }: SwappedState,
  watch: SettleOptions,
): Promise<Settlement> {
  const settled = await Promise.all(contexts.map((context) => settleContext(plan, context, watch)))
  return (['applied_again', 'given_up'] as const).find((one) => settled.includes(one)) ?? 'kept'
}

interface SettleOptions {
  looksMs: readonly number[]
  signal: AbortSignal
}

async function settleContext(
  plan: StatePlan,
  { browserContextId, cookies: { before, wanted } }: SwappedContext,
  { looksMs, signal }: SettleOptions,
): Promise<Settlement> {
  const { chrome, nowSeconds } = plan
  const merge = (held: readonly Cookie[]) => repairUndone({ before, wanted }, held)
  try {
    const jar = cookieJar(chrome, { browserContextId, signal })
    if (!(await watchLateAnswers({ jar, wanted, before, nowSeconds, looksMs, signal }))) return 'kept'
    await inTurn(chrome, async () => {
      signal.throwIfAborted()
      const again = { ...plan, wanted, merge, storage: [], tabs: undefined, signal }
      const swap = await prepareSwap(again, [browserContextId])
      await swap.run().finally(swap.close)
    })
    return 'applied_again'
  } catch (error) {
    if (signal.aborted || error instanceof CdpError || error instanceof StoodDown) return 'given_up'
    throw error
  }
}
