import type { Cookie, OriginStorage } from '@session-broker/shared'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import type { PartialState } from './apply-result.ts'
import { cookieJar } from './chrome-cookies.ts'
import { prepareHold } from './hold-requests.ts'
import { type OwnedSites, ownedHosts } from './owned-sites.ts'
import { prepareStorage } from './prepare-storage.ts'
import { type ReplacedCookies, replaceCookies } from './replace-cookies.ts'
import { prepareTabs, type TabPlan } from './tab-storage.ts'

export interface StatePlan {
  chrome: ChromeConnection
  wanted: readonly Cookie[]
  storage: readonly OriginStorage[]
  /** Left out: sessionStorage is left alone. */
  tabs?: TabPlan | undefined
  owned: OwnedSites
  nowSeconds: () => number
  /** Right before the first change. */
  beforeSwap?: (() => Promise<void>) | undefined
  signal?: AbortSignal | undefined
}

export interface SwappedState {
  cookies: ReplacedCookies
  partialStorage: PartialState[]
  /** When cookies and storage had been read back, by `performance.now()`. */
  readBackAt: number
  heldMs: number
}

/** A swap that needs only to be done; until then nothing is held and nothing touched. */
export interface PreparedSwap {
  /** Holds requests back, replaces cookies and storage, reads back, and lets the requests go. */
  run(): Promise<SwappedState>
  /** Never rejects. */
  close(): Promise<void>
}

export async function prepareSwap(plan: StatePlan): Promise<PreparedSwap> {
  const { chrome, wanted, owned, nowSeconds, beforeSwap, signal } = plan
  const hold = await prepareHold(chrome, ownedHosts(owned), signal)
  const { pages, tabs } = await prepareHoldings(plan).catch(async (error) => {
    await hold.end()
    throw error
  })
  return {
    async run() {
      const heldFrom = performance.now()
      await hold.start()
      await beforeSwap?.()
      const cookies = await replaceCookies({ jar: cookieJar(chrome, { signal }), wanted, owned, nowSeconds })
      const partial = await Promise.all([pages.replace(), tabs?.replace() ?? []])
      const readBackAt = performance.now()
      await hold.end()
      return { cookies, partialStorage: partial.flat(), readBackAt, heldMs: performance.now() - heldFrom }
    },
    async close() {
      await hold.end()
      await pages.close()
    },
  }
}

async function prepareHoldings({ chrome, storage, tabs: plan, owned, signal }: StatePlan) {
  const tabs = plan && (await prepareTabs(chrome, { plan, owned, signal }))
  return { tabs, pages: await prepareStorage(chrome, storage, signal) }
}
