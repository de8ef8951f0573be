import type { OriginStorage } from '@session-broker/shared'
import { CdpError } from '../cdp/cdp-error.ts'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import { type FollowedPage, type FollowedPages, followPages } from '../cdp/follow-pages.ts'
import { callOf } from '../cdp/hidden-page.ts'
import type { PartialState } from './apply-result.ts'
import { fillTabStorage, replaceTabStorage, type TabOrigin } from './in-page/tab-storage.ts'
import type { OwnedSites } from './owned-sites.ts'
import { replaceInTabs, tabWorld } from './replace-in-tabs.ts'

export interface TabPlan {
  session: string
  origins: readonly OriginStorage[]
  /** Pages of other contexts than the default one, too. The same for all that is put into one Chrome. */
  inEveryContext: boolean
}

export interface PreparedTabs {
  /** Replaces the sessionStorage of open tabs, and that with which others begin from now on. Bounded. */
  replace(): Promise<PartialState[]>
}

interface KeptOrigin {
  session: string
  entries: OriginStorage['localStorage']
  /** Of the states before, the newest last. */
  formers: OriginStorage['localStorage'][]
}

interface Keeper {
  pages: FollowedPages
  /** Whether the page is one that has the sessions. */
  isKept(page: FollowedPage): boolean
  origins: Map<string, KeptOrigin>
  install(page: FollowedPage): Promise<void>
}

/** It goes to every tab, of whatever site. */
const mostCharacters = 500_000
/** A tab that has been elsewhere for longer keeps what it has. */
const mostFormers = 5
const installMs = 300
const keepers = new WeakMap<ChromeConnection, Keeper>()

/**
 * sessionStorage is each tab's own, and begins empty: what a state has of it is put into the tabs that are open, and for as long as the
 * connection lasts into each that opens. Touches nothing yet, and attaches to pages only where there is some.
 */
export async function prepareTabs(
  chrome: ChromeConnection,
  { plan, owned, signal }: { plan: TabPlan; owned: OwnedSites; signal?: AbortSignal | undefined },
): Promise<PreparedTabs> {
  const present = keepers.get(chrome)
  const origins = plan.origins.filter(({ sessionStorage }) => sessionStorage && !isTooLarge(sessionStorage))
  const left = plan.origins
    .filter(({ sessionStorage }) => sessionStorage && isTooLarge(sessionStorage))
    .map(({ origin }) => ({ origin, what: 'sessionStorage, which is too large' }))
  if (origins.length === 0 && !present) return { replace: async () => left }
  const keeper = present ?? (await startKeeper(chrome, plan, signal))
  keepers.set(chrome, keeper)
  return {
    async replace() {
      const changed = takeUp(keeper.origins, { ...plan, origins })
      if (changed.length === 0) return left
      // First: a document that begins meanwhile has one or the other.
      const pages = new Map([...keeper.pages].filter(([, page]) => keeper.isKept(page)))
      await Promise.allSettled([...pages.values()].map((page) => keeper.install(page)))
      const isThere = (targetId: string) => keeper.pages.has(targetId)
      const failed = await replaceInTabs(chrome, { pages, isThere, origins: changed, owned, signal })
      return [...left, ...failed]
    },
  }
}

async function startKeeper(
  chrome: ChromeConnection,
  { inEveryContext }: TabPlan,
  signal?: AbortSignal,
): Promise<Keeper> {
  const origins = new Map<string, KeptOrigin>()
  const installed = new WeakMap<FollowedPage, Promise<{ identifier: string }>>()
  const bound = { timeoutMs: installMs }

  async function install(page: FollowedPage): Promise<void> {
    const before = installed.get(page)
    const script = { source: scriptFor(origins), worldName: tabWorld }
    // Without it the script is kept, and never run.
    const enabled = before ? undefined : page.send('Page.enable', {}, bound)
    const added = page.send('Page.addScriptToEvaluateOnNewDocument', script, bound)
    installed.set(page, added)
    await Promise.all([enabled, added])
    if (before) await page.send('Page.removeScriptToEvaluateOnNewDocument', await before, bound)
  }

  const isKept = ({ isDefault }: FollowedPage) => inEveryContext || isDefault
  const prepare = (page: FollowedPage) => {
    // The page waits for what was sent to it, and not for the answer.
    if (isKept(page)) install(page).catch(ofCdp)
    return undefined
  }
  return { origins, install, isKept, pages: await followPages(chrome, prepare, signal) }
}

/** @returns the session's origins with what their tabs are to have; one that the state lacks is to have nothing. */
function takeUp(
  kept: Map<string, KeptOrigin>,
  { session, origins }: TabPlan,
): { origin: string; entries: OriginStorage['localStorage'] }[] {
  const wanted = new Map(
    origins.flatMap(({ origin, sessionStorage }) =>
      sessionStorage ? [[origin, sessionStorage] as const] : [],
    ),
  )
  const gone = [...kept].filter(([origin, own]) => own.session === session && !wanted.has(origin))
  for (const [origin] of gone) wanted.set(origin, [])
  for (const [origin, entries] of wanted) {
    const own = kept.get(origin)
    kept.set(origin, { session, entries, formers: own ? formersOf(own, entries) : [] })
  }
  return [...wanted].map(([origin, entries]) => ({ origin, entries }))
}

function isTooLarge(entries: OriginStorage['localStorage']): boolean {
  return entries.reduce((sum, { name, value }) => sum + name.length + value.length, 0) > mostCharacters
}

function formersOf({ entries, formers }: KeptOrigin, next: KeptOrigin['entries']): KeptOrigin['formers'] {
  // The same once more takes no former's place.
  if (JSON.stringify(entries) === JSON.stringify(next)) return formers
  return [...formers, entries].slice(-mostFormers)
}

function scriptFor(kept: ReadonlyMap<string, KeptOrigin>): string {
  const origins = [...kept].map(([origin, { entries, formers }]): TabOrigin => {
    const isStill = (one: { name: string; value: string }) =>
      entries.some(({ name, value }) => name === one.name && value === one.value)
    return { origin, entries, former: formers.flat().filter((one) => !isStill(one)) }
  })
  return callOf(fillTabStorage, origins, [replaceTabStorage])
}

/** The page has closed meanwhile. */
function ofCdp(error: unknown): void {
  if (!(error instanceof CdpError)) throw error
}
