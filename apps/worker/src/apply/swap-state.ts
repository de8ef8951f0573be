import type { PartialState } from './apply-result.ts'
import { cookieJar } from './chrome-cookies.ts'
import { type ContextId, unlessDisposed } from './contexts.ts'
import { prepareHold, type RequestHold } from './hold-requests.ts'
import { ownedHosts } from './owned-sites.ts'
import { prepareStorage } from './prepare-storage.ts'
import { type ReplacedCookies, replaceCookies } from './replace-cookies.ts'
import type { StatePlan } from './state-plan.ts'
import { prepareTabs } from './tab-storage.ts'

/** What became of one context. */
export interface SwappedContext {
  browserContextId: ContextId
  cookies: ReplacedCookies
  partialStorage: PartialState[]
}

export interface SwappedState {
  /** Those that were not disposed of meanwhile. */
  contexts: SwappedContext[]
  partialTabs: PartialState[]
  /** When cookies and storage had been read back, by `performance.now()`. */
  readBackAt: number
  heldMs: number
}

/** A swap that needs only to be done; until then nothing is held and nothing touched. */
export interface PreparedSwap {
  /** Holds requests back, replaces cookies and storage in all contexts, reads back, and lets the requests go. */
  run(): Promise<SwappedState>
  /** Never rejects. */
  close(): Promise<void>
}

export async function prepareSwap(plan: StatePlan, contexts: readonly ContextId[]): Promise<PreparedSwap> {
  const { chrome, tabs: tabPlan, owned, holdsRequests, beforeSwap, signal } = plan
  const hold = holdsRequests ? await prepareHold(chrome, ownedHosts(owned), signal) : noHold
  const places: PreparedContext[] = []
  async function close(): Promise<void> {
    // Nobody needs to wait until every tab has been let go.
    void hold.end()
    await Promise.all(places.map((place) => place.close()))
  }
  async function prepareAll() {
    const tabs = tabPlan && (await prepareTabs(chrome, { plan: tabPlan, owned, signal }))
    const prepared = await Promise.allSettled(contexts.map((one) => prepareContext(plan, one)))
    for (const one of prepared) if (one.status === 'fulfilled' && one.value) places.push(one.value)
    const failed = prepared.find((one) => one.status === 'rejected')
    if (failed) throw failed.reason
    return tabs
  }
  const tabs = await prepareAll().catch(async (error) => {
    await close()
    throw error
  })
  return {
    async run() {
      const heldFrom = performance.now()
      await hold.start()
      await beforeSwap?.()
      const [swapped, partialTabs] = await Promise.all([
        Promise.all(places.map((place) => place.replace())),
        tabs?.replace() ?? [],
      ])
      const readBackAt = performance.now()
      void hold.end()
      const there = swapped.filter((one) => one !== undefined)
      return { contexts: there, partialTabs, readBackAt, heldMs: performance.now() - heldFrom }
    },
    close,
  }
}

const noHold: RequestHold = { start: async () => {}, end: async () => {} }

interface PreparedContext {
  replace(): Promise<SwappedContext | undefined>
  /** Never rejects. */
  close(): Promise<void>
}

/** @returns undefined where the context was disposed of meanwhile */
async function prepareContext(
  { chrome, wanted, merge, storage: origins, owned, nowSeconds, signal }: StatePlan,
  browserContextId: ContextId,
): Promise<PreparedContext | undefined> {
  const inIt = { browserContextId, signal }
  const pages = await unlessDisposed(chrome, browserContextId, () =>
    prepareStorage(chrome, { origins, ...inIt }),
  )
  return (
    pages && {
      replace: () =>
        unlessDisposed(chrome, browserContextId, async () => {
          const jar = cookieJar(chrome, inIt)
          const cookies = await replaceCookies({ jar, wanted, merge, owned, nowSeconds })
          const partialStorage = await pages.replace()
          // Fails where the context has gone, and its pages with it.
          if (partialStorage.length > 0) await jar.read()
          return { browserContextId, cookies, partialStorage }
        }),
      close: pages.close,
    }
  )
}
