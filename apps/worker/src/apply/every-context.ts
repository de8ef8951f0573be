import { setTimeout as sleep } from 'node:timers/promises'
import { CdpError } from '../cdp/cdp-error.ts'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import { type FollowedPage, type FollowedPages, followPages } from '../cdp/follow-pages.ts'
import { StoodDown } from '../session/ports/chrome.ts'
import { awaitStates } from './await-states.ts'
import { type ContextId, type Contexts, listContexts } from './contexts.ts'
import { createFiller } from './fill-contexts.ts'

export interface EveryContext extends Contexts {
  /** A state of this session is to come: from now on pages of new contexts wait for it, for a bounded time. */
  expect(session: string): Promise<void>
  /** What was to come has come, be it nothing. */
  arrived(session: string): void
  /** Contexts that come have this session no more from us. */
  forget(session: string): void
}

export interface EveryContextOptions {
  /** How long pages wait for the first state of a session, from when it is expected; left out: 10 s. */
  stateMs?: number
  /** How long one page waits in all; left out: 30 s. */
  pageMs?: number
  /** A page of a new context was let go without a session. */
  onLetGo?: (reason: string) => void
}

/**
 * Gives every BrowserContext that programs make in this Chrome the sessions, before the first request of its first page: a page of a
 * context that is new is kept waiting by Chrome until they are in.
 */
export function createEveryContext(
  chrome: ChromeConnection,
  { stateMs = 10_000, pageMs = 30_000, onLetGo = () => {} }: EveryContextOptions = {},
): EveryContext {
  const states = awaitStates(stateMs)
  const filler = createFiller(chrome)
  const filled = new Set<string>()
  const refilled = new Set<string>()
  const filling = new Map<string, Promise<void>>()
  /** Of those that are being filled, the ones with a page that was let go. */
  const late = new Set<string>()
  const tell = onceEach(onLetGo)
  let following: Promise<FollowedPages> | undefined
  let pages: FollowedPages = new Map()

  function prepare({ browserContextId: id, isDefault, isUnderWay }: FollowedPage): Promise<void> | undefined {
    // What was open before us is for the next state that is put in.
    if (isDefault || isUnderWay || id === undefined || !isToFill(id)) return undefined
    const fill = filling.get(id) ?? startFilling(id)
    return Promise.race([fill, letGoLate(id, fill)])
  }

  /**
   * Storage goes in a second time with the page that follows the first: Playwright writes what `storageState` has of it by a page that
   * it opens first, and closes again.
   */
  function isToFill(id: string): boolean {
    if (!filled.has(id)) return true
    const inIt = [...pages.values()].filter(({ browserContextId }) => browserContextId === id)
    if (refilled.has(id) || inIt.length > 1 || !filler.hasStorage()) return false
    refilled.add(id)
    return true
  }

  function startFilling(id: string): Promise<void> {
    const fill = fillContext(id)
      .catch((error) => {
        if (isAboutChrome(error)) tell(error.message)
      })
      .finally(() => {
        filling.delete(id)
        late.delete(id)
      })
    filling.set(id, fill)
    return fill
  }

  async function letGoLate(id: string, fill: Promise<void>): Promise<void> {
    const filledFirst = new AbortController()
    void fill.finally(() => filledFirst.abort())
    await sleep(pageMs, undefined, { ref: false, signal: filledFirst.signal }).then(
      () => {
        late.add(id)
        tell(`it was not put in within ${pageMs / 1_000} s`)
      },
      () => {},
    )
  }

  async function fillContext(id: string): Promise<void> {
    // An incognito window is none of them.
    if (!(await listContexts(chrome)).includes(id)) return
    await states.awaited()
    for (const session of states.missing()) tell(`there is no state of ${session} yet`)
    await filler.fill(id, { isUnderWay: () => late.has(id), what: filled.has(id) ? 'storage' : 'all' })
    filled.add(id)
  }

  async function present(signal?: AbortSignal): Promise<ContextId[]> {
    const there = await listContexts(chrome, signal)
    const { targetInfos } = await chrome.send('Target.getTargets', undefined, { signal })
    // A context that has never had a page may be somebody's throwaway; it is filled with its first page.
    const withPages = targetInfos.filter(({ type }) => type === 'page').map((page) => page.browserContextId)
    for (const ids of [filled, refilled]) for (const id of ids) if (!there.includes(id)) ids.delete(id)
    const isFor = (id: string) => !filling.has(id) && (filled.has(id) || withPages.includes(id))
    return [undefined, ...there.filter(isFor)]
  }

  return {
    isEvery: true,
    present,
    keep(session, { contexts, plan }) {
      filler.keep(session, plan)
      for (const id of contexts) if (id !== undefined) filled.add(id)
    },
    arrived: states.arrived,
    forget(session) {
      states.forget(session)
      filler.forget(session)
    },
    async expect(session) {
      states.expect(session)
      following ??= followPages(chrome, prepare)
      try {
        pages = await following
      } catch (error) {
        following = undefined
        throw error
      }
    },
  }
}

/** @throws what is no word of Chrome's; where the connection has ended, nobody waits any more */
function isAboutChrome(error: unknown): error is CdpError {
  if (error instanceof StoodDown) return false
  if (error instanceof CdpError) return error.code !== 'chrome_gone'
  throw error
}

/** Where every page would say the same, the first one does. */
function onceEach(tell: (reason: string) => void): (reason: string) => void {
  const told = new Set<string>()
  return (reason) => {
    if (told.has(reason)) return
    told.add(reason)
    tell(reason)
  }
}
