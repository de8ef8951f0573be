import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import { inTurn } from './in-turn.ts'
import type { StatePlan } from './state-plan.ts'
import { prepareSwap } from './swap-state.ts'

export interface FillOrder {
  /** Some page of it makes requests already: they are held back while the state goes in. */
  isUnderWay: () => boolean
  what: 'all' | 'storage'
}

interface Waiting extends FillOrder {
  done: PromiseWithResolvers<void>
}

interface Filling extends Pick<Waiting, 'done' | 'what'> {
  id: string
  holdsRequests: boolean
}

/** Puts what the sessions' newest states are into contexts that have come. */
export function createFiller(chrome: ChromeConnection) {
  const plans = new Map<string, () => StatePlan>()
  const waiting = new Map<string, Waiting>()

  async function fillNow({ id, done, what, holdsRequests }: Filling): Promise<void> {
    try {
      for (const planNow of plans.values()) {
        const plan = what === 'all' ? planNow() : withoutCookies(planNow())
        const swap = await prepareSwap({ ...plan, holdsRequests }, [id])
        await swap.run().finally(swap.close)
      }
      done.resolve()
    } catch (error) {
      done.reject(error)
    }
  }

  async function fillWaiting(): Promise<void> {
    const now = [...waiting].map(([id, { isUnderWay, ...one }]) => ({
      id,
      ...one,
      holdsRequests: isUnderWay(),
    }))
    waiting.clear()
    await Promise.all(now.filter((one) => !one.holdsRequests).map(fillNow))
    // A hold is the connection's: one after the other.
    for (const one of now.filter((one) => one.holdsRequests)) await fillNow(one)
  }

  return {
    /** @param plan makes the plan of the session's newest state */
    keep(session: string, plan: () => StatePlan): void {
      plans.set(session, plan)
    },
    forget(session: string): void {
      plans.delete(session)
    },
    /** Resolves when they are in. Those that come while Chrome is busy with another state are filled together. */
    fill(id: string, order: FillOrder): Promise<void> {
      const done = Promise.withResolvers<void>()
      waiting.set(id, { ...order, done })
      if (waiting.size === 1) void inTurn(chrome, fillWaiting)
      return done.promise
    },
    hasStorage: (): boolean => [...plans.values()].some((plan) => plan().storage.length > 0),
  }
}

function withoutCookies(plan: StatePlan): StatePlan {
  return { ...plan, wanted: [], owned: { ...plan.owned, domains: [] } }
}
