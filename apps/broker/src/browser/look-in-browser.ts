import {
  cookieIdentity,
  hasPositiveSign,
  judge,
  ProblemError,
  type SessionState,
  type Sighting,
} from '@session-broker/shared'
import { hostsOf, keepOwnSites } from '@session-broker/shared/site'
import type { Page, Response } from 'playwright'
import {
  type LookRequest,
  type LookResult,
  type SiteLook,
  SiteUnreachableError,
} from '../session/ports/site-look.ts'
import type { BrowserHouse, ContextOptions } from './house/browser-house.ts'
import { noteUnderWay } from './note-under-way.ts'
import { captureHoldings } from './state/capture-state.ts'
import {
  addSessionStorage,
  hasSessionStorage,
  restoreSessionStorage,
  withoutSessionStorage,
} from './state/session-storage.ts'
import { setCookies } from './state/set-cookies.ts'

const navigationMs = 15_000
/** How long a page's scripts may take to show what the look is for. */
const settleMs = 5_000
/** A page that has not changed for this long is taken as it is. */
const restMs = 500
const pollMs = 100
/** Pictures, fonts and the like say nothing of a session, and some hosts never answer. */
const mayChangePage = /^(?:document|xhr|fetch|script)$/

/** Looks with a browser, for sessions that are more than cookies: the page runs before it is judged. */
export function createBrowserLook(house: BrowserHouse): SiteLook {
  return async function lookInBrowser(look): Promise<LookResult> {
    const { state, userAgent, userAgentMetadata, signal } = look
    const storageState = state && { cookies: [], origins: state.origins.map(withoutSessionStorage) }
    const { sites, proxy } = look
    const exit = { sites, isOver: () => signal.aborted, ...(proxy && { proxy }) }
    const options = {
      signal,
      exit,
      userAgentMetadata,
      context: { ...(userAgent !== undefined && { userAgent }), ...(storageState && { storageState }) },
    } as ContextOptions
    const seen = house.withContext(options, async (context, browser, page) => {
      if (state) await setCookies(browser, context, page, state.cookies)
      if (state) await restoreSessionStorage(context, state)
      const isResting = watchRest(page)
      const response = await navigate(page, look.url)
      const sighting = await see({ page, response, look, isResting })
      if (!state) return { sighting }
      const captured = { ...state, ...(await captureHoldings(browser, context, page)) }
      const whole = hasSessionStorage(state) ? await addSessionStorage(captured, page) : captured
      const after = keepOwnSites(whole, { urls: [look.url], hosts: hostsOf(state) })
      return { sighting, state: isSameState(state, after) ? state : after }
    })
    return seen.catch((error) => {
      if (!(error instanceof ProblemError && error.code === 'login_unknown')) throw error
      throw new SiteUnreachableError('the browser crashed before it saw the page', { cause: error })
    })
  }
}

async function navigate(page: Page, url: string): Promise<Response> {
  try {
    const response = await page.goto(url, { timeout: navigationMs, waitUntil: 'commit' })
    if (response) return response
  } catch (cause) {
    throw new SiteUnreachableError(`${new URL(url).origin} does not answer`, { cause })
  }
  throw new SiteUnreachableError(`${new URL(url).origin} gave no answer`)
}

interface Seeing {
  page: Page
  response: Response
  look: LookRequest
  isResting: (now: Sighting | undefined) => boolean
}

/**
 * Looks until the page shows what is hoped for, or rests. What a page does not show (yet) says nothing before it rests: an
 * app that has only begun to draw has no password field either.
 */
async function see({ page, response, look, isResting }: Seeing): Promise<Sighting> {
  const { expect, signal } = look
  const end = performance.now() + settleMs
  let newest: Sighting | undefined
  while (performance.now() < end) {
    signal.throwIfAborted()
    newest = await glimpse(page, response.status(), expect?.selector)
    if (newest && expect && hasPositiveSign(expect) && judge(expect, newest) === 'signed_in') return newest
    const mayRest = !expect || !hasPositiveSign(expect) || newest?.hasPasswordField
    if (isResting(newest) && mayRest && newest) return newest
    await page.waitForTimeout(pollMs)
  }
  if (newest) return newest
  throw new SiteUnreachableError(`${new URL(page.url()).origin} shows no page that rests`)
}

/** A page rests when nothing has changed in it, and no request was on its way, for a while. */
function watchRest(page: Page): (now: Sighting | undefined) => boolean {
  const underWay = noteUnderWay(page, { counts: (request) => mayChangePage.test(request.resourceType()) })
  let restingSinceMs = performance.now()
  let body: string | undefined
  return (now) => {
    if (underWay() > 0 || now?.body !== body) restingSinceMs = performance.now()
    body = now?.body
    return performance.now() - restingSinceMs >= restMs
  }
}

/** Undefined while the page is between two documents. */
async function glimpse(page: Page, status: number, selector?: string): Promise<Sighting | undefined> {
  try {
    return {
      status,
      finalUrl: page.url(),
      body: await page.content(),
      hasPasswordField: (await page.locator('input[type=password]').filter({ visible: true }).count()) > 0,
      ...(selector && { hasSelector: (await page.locator(selector).count()) > 0 }),
    }
  } catch {
    return undefined
  }
}

/** Whether the look left the state as it was; the browser may list it in another order. */
function isSameState(before: SessionState, after: SessionState): boolean {
  const inOrder = ({ cookies, origins }: SessionState) =>
    JSON.stringify([
      cookies.toSorted((a, b) => (cookieIdentity(a) < cookieIdentity(b) ? -1 : 1)),
      origins.toSorted((a, b) => (a.origin < b.origin ? -1 : 1)),
    ])
  return inOrder(before) === inOrder(after)
}
