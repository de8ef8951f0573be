import type { IssuedSession } from '@session-broker/shared'
import type { CookieJar } from 'tough-cookie'
import type { OwnSites } from './own-sites.ts'
import type { RequestPlan } from './request-plan.ts'

export interface Hops {
  jar: CookieJar
  current: () => IssuedSession
  ownSites: OwnSites
  send: typeof globalThis.fetch
}

/** A request under way: what a redirect may change. */
type Hop = Pick<RequestPlan, 'url' | 'method' | 'body' | 'headers'>

/** As `fetch` has it (WHATWG Fetch, HTTP-redirect fetch). */
const mostRedirects = 20
const redirects = [301, 302, 303, 307, 308]
const bodyHeaders = [
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
  'content-length',
]
const oneOriginHeaders = ['authorization', 'proxy-authorization', 'cookie', 'host']

/** Sends the request and follows its redirects, each with the cookies that the jar has for where it leads. */
export async function fetchByHops(hops: Hops, plan: RequestPlan): Promise<Response> {
  let hop: Hop = plan
  for (let followed = 0; ; followed++) {
    const response = await sendHop(hops, hop, plan)
    const location = redirects.includes(response.status) ? response.headers.get('location') : null
    if (location === null || plan.redirect === 'manual') return told(response, followed > 0)
    await response.body?.cancel()
    if (plan.redirect === 'error') throw new TypeError('the answer is a redirect, and redirect is "error"')
    if (followed === mostRedirects) throw new TypeError(`more than ${mostRedirects} redirects`)
    hop = nextHop(hop, { status: response.status, location, isStream: plan.isStream })
  }
}

async function sendHop(
  { jar, current, ownSites, send }: Hops,
  { url, method, body, headers: given }: Hop,
  { rest, signal, isStream }: RequestPlan,
): Promise<Response> {
  const state = current()
  const headers = new Headers(given)
  for (const [name, value] of Object.entries(ownSites.headersFor(url)))
    if (!headers.has(name)) headers.set(name, value)
  const cookies = [await jar.getCookieString(url.href), headers.get('cookie')].filter(Boolean).join('; ')
  if (cookies !== '') headers.set('cookie', cookies)
  const response = await send(url, {
    ...rest,
    ...{ method, headers, redirect: 'manual' },
    ...(body !== undefined && { body }),
    ...(isStream && { duplex: 'half' as const }),
    ...(signal && { signal }),
  })
  // What an older generation was given would spoil the newer one.
  if (current() === state) {
    for (const cookie of response.headers.getSetCookie())
      await jar.setCookie(cookie, url.href, { ignoreError: true })
  }
  return response
}

function nextHop(
  { url, method, body, headers: given }: Hop,
  { status, location, isStream }: { status: number; location: string; isStream: boolean },
): Hop {
  const to = URL.parse(location, url.href)
  if (!to || !/^https?:$/.test(to.protocol))
    throw new TypeError('the answer is a redirect that leads to no http address')
  if (to.hash === '') to.hash = url.hash
  const headers = new Headers(given)
  if (to.origin !== url.origin) for (const name of oneOriginHeaders) headers.delete(name)
  const becomesGet =
    (status === 303 && method !== 'HEAD' && method !== 'GET') || (status < 303 && method === 'POST')
  if (becomesGet) {
    for (const name of bodyHeaders) headers.delete(name)
    return { url: to, method: 'GET', body: undefined, headers }
  }
  if (isStream && status !== 303)
    throw new TypeError('the answer is a redirect, and a stream can’t be sent again')
  return { url: to, method, body, headers }
}

/** Each hop was a request of its own, so the answer does not know it by itself. */
function told(response: Response, redirected: boolean): Response {
  return redirected ? Object.defineProperty(response, 'redirected', { value: true }) : response
}
