import type { OriginStorage, SessionState } from '@session-broker/shared'
import { settledBy } from '../follow/settled-by.ts'
import type { Concerns, OpenContext, OriginPage } from './open-context.ts'
import { ownedDomains } from './owned-domains.ts'
import { replaceCookies, unexpired } from './replace-cookies.ts'

type State = Pick<SessionState, 'cookies' | 'origins'>

export interface StateChange {
  state: State
  /** What was put in before. */
  former: State | undefined
  reload?: boolean | undefined
  nowSeconds: number
  /** How long a browser may take to hold, to swap and to let go, each; one that hangs answers nothing. Left out: 30 s. */
  withinMs?: number
}

/**
 * Makes what the session owns in an open context exactly the state, while requests to its hosts are held back. Throws where the cookies
 * could not be replaced.
 * @returns what else could not be
 */
export async function replaceState(context: OpenContext, change: StateChange): Promise<string[]> {
  const { state, former, reload = false, nowSeconds, withinMs = 30_000 } = change
  const { owns, concerns } = ownedDomains(state, former)
  const wanted = unexpired(state.cookies, nowSeconds)
  const pages = new Map<OriginStorage, OriginPage>()
  const left = databasesThatChange(state, former)
  try {
    for (const storage of storageThatChanges(state, former)) {
      const page = await context.standOn(storage.origin).catch(() => undefined)
      if (page) pages.set(storage, page)
      else left.push(`localStorage of ${storage.origin}`)
    }
    const release = await hold(context, { concerns, withinMs })
    try {
      const swapped = Promise.all([replaceCookies({ context, wanted, owns }), replaceStorage(pages)])
      const [, failed] = await settledBy(swapped, AbortSignal.timeout(withinMs))
      left.push(...failed)
    } finally {
      await settledBy(release(), AbortSignal.timeout(withinMs))
    }
  } finally {
    await Promise.all([...pages.values()].map((page) => page.close()))
  }
  if (reload) left.push(...(await context.reload(concerns)))
  return left
}

async function hold(context: OpenContext, { concerns, withinMs }: { concerns: Concerns; withinMs: number }) {
  const holding = context.hold(concerns)
  try {
    return await settledBy(holding, AbortSignal.timeout(withinMs))
  } catch (error) {
    // What is held only now has nothing to wait for.
    holding.then((release) => release()).catch(() => undefined)
    throw error
  }
}

async function replaceStorage(pages: Map<OriginStorage, OriginPage>): Promise<string[]> {
  const failed = [...pages].map(async ([{ origin, localStorage }, page]) => {
    const isReplaced = await page.replaceLocalStorage(localStorage).catch(() => false)
    return isReplaced ? [] : [`localStorage of ${origin}`]
  })
  return (await Promise.all(failed)).flat()
}

/** Of each origin whose localStorage is another than before; where it is the same, what the site has written since stays. */
function storageThatChanges(state: State, former: State | undefined): OriginStorage[] {
  const before = new Map(former?.origins.map((each) => [each.origin, each]))
  const gone = [...before.keys()].filter((origin) => !state.origins.some((each) => each.origin === origin))
  return [...state.origins, ...gone.map((origin) => ({ origin, localStorage: [] }))].filter(
    ({ origin, localStorage }) => !isEqual(localStorage, before.get(origin)?.localStorage ?? []),
  )
}

function databasesThatChange(state: State, former: State | undefined): string[] {
  const before = new Map(former?.origins.map(({ origin, indexedDB }) => [origin, indexedDB]))
  return state.origins
    .filter(({ origin, indexedDB }) => indexedDB && !isEqual(indexedDB, before.get(origin) ?? []))
    .map(({ origin }) => `IndexedDB of ${origin}`)
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
