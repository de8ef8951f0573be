import type { Cookie, OriginStorage } from '@session-broker/shared'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import type { OwnedSites } from './owned-sites.ts'
import type { TabPlan } from './tab-storage.ts'

/** What is to be put into a Chrome, and where it belongs. */
export interface StatePlan {
  chrome: ChromeConnection
  wanted: readonly Cookie[]
  /** Says what is wanted instead, by what Chrome holds. */
  merge?: ((held: readonly Cookie[]) => readonly Cookie[]) | undefined
  storage: readonly OriginStorage[]
  /** Left out: sessionStorage is left alone. */
  tabs?: TabPlan | undefined
  owned: OwnedSites
  nowSeconds: () => number
  /** Right before the first change. */
  beforeSwap?: (() => Promise<void>) | undefined
  /** Left out: requests are not held back, since there are none yet. */
  holdsRequests?: boolean
  signal?: AbortSignal | undefined
}
