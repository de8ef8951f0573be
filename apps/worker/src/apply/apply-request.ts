import type { Cookie, IssuedSession, OriginStorage } from '@session-broker/shared'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import type { Contexts } from './contexts.ts'
import { cookiesToSet } from './cookies-to-set.ts'
import { mergeRevision } from './merge-revision.ts'
import { type OwnedSites, ownedSites } from './owned-sites.ts'
import type { StatePlan } from './state-plan.ts'

export interface ApplyRequest {
  chrome: ChromeConnection
  state: Pick<IssuedSession, 'session' | 'userAgent' | 'cookies' | 'origins'> &
    Partial<Pick<IssuedSession, 'generation'>>
  /**
   * An earlier revision of this generation that was put into this Chrome: what Chrome has changed since stays, and open pages are never
   * reloaded. Left out: all that Chrome holds is replaced.
   */
  base?: Pick<IssuedSession, 'generation' | 'cookies' | 'origins'> | undefined
  /** With a base: what Chrome held when it was last read, before this state came to be. */
  seen?: readonly Cookie[] | undefined
  /** `owned` of the last apply's result. Left out: what of this session may be in Chrome is not known. */
  previous?: OwnedSites | undefined
  options?: ApplyOptions
}

export interface ApplyOptions {
  /** Reload the open pages of the session's sites, so that they run with the new state. Left out: false. */
  reloadPages?: boolean
  /** Awaited once all is made ready, before requests are held back; where it rejects, nothing was touched. */
  mayBegin?: () => Promise<void>
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

export function planState(request: ApplyRequest): StatePlan {
  const { chrome, state, base, seen, previous, options = {} } = request
  const { now = Date.now, beforeSwap, signal } = options
  const nowSeconds = () => now() / 1_000
  const owned = ownedSites(state, previous)
  const wanted = cookiesToSet(state.cookies, nowSeconds())
  const gone = owned.origins.filter((origin) => !state.origins.some((one) => one.origin === origin))
  const emptied: OriginStorage[] = gone.map((origin) => ({ origin, localStorage: [], indexedDB: [] }))
  const inEveryContext = options.contexts?.isEvery ?? false
  const tabs = { session: state.session, origins: state.origins, inEveryContext }
  const storage = [...state.origins, ...emptied]
  const times = { nowSeconds, holdsRequests: true, beforeSwap, signal }
  const whole = { chrome, wanted, storage, tabs, owned, ...times }
  if (!base) return whole
  const { merge, origins } = mergeRevision(base, state, { seen, nowSeconds })
  const hasTabStorage = origins.some(({ sessionStorage }) => sessionStorage)
  return { ...whole, merge, storage: origins, tabs: hasTabStorage ? tabs : undefined }
}

/** The same for a context that comes later; new pages have their sessionStorage by themselves. */
export function planAnew({ chrome, state, options = {} }: ApplyRequest): StatePlan {
  const { signal: _itsOwn, ...lasting } = options
  return {
    ...planState({ chrome, state, options: lasting }),
    tabs: undefined,
  }
}
