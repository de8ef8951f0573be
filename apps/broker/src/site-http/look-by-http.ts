import { type Cookie, clientHintHeaders, cookieHeader, isTrustworthy } from '@session-broker/shared'
import { hostsOf, keepOwnSites } from '@session-broker/shared/site'
import { type Dispatcher, ProxyAgent, request } from 'undici'
import type { Clock } from '../session/ports/clock.ts'
import type { SiteExit, SiteExits } from '../session/ports/site-exit.ts'
import {
  type LookRequest,
  type LookResult,
  type LookWay,
  type SiteLook,
  SiteUnreachableError,
} from '../session/ports/site-look.ts'
import { mergeSetCookie } from './merge-set-cookie.ts'

const mostRedirects = 5
const timeoutMs = 10_000
/** For who has no session yet, and so no user agent that it was given to. */
const plainUserAgent = 'Mozilla/5.0'
/** Enough for any page's sign of being signed in. */
const mostBodyBytes = 2 * 1024 * 1024

interface HttpLookOptions {
  clock: Pick<Clock, 'now'>
  /** The only way that a look has to the sites. */
  exits: SiteExits
}

interface Way {
  exit: SiteExit
  dispatcher: Dispatcher
}

/** Looks without a browser: plain requests with the session's cookies, redirects followed by hand. */
export function createHttpLook({ clock, exits }: HttpLookOptions): SiteLook {
  return async function lookByHttp(look) {
    const { sites, signal, proxy } = look
    const exit = await exits.open({ sites, isOver: () => signal.aborted, ...(proxy && { proxy }) })
    const credentials = Buffer.from(`${exit.username}:${exit.password}`).toString('base64')
    const dispatcher = new ProxyAgent({ uri: exits.server, token: `Basic ${credentials}` })
    try {
      return await follow(look, { exit, dispatcher })
    } finally {
      exit.close()
      await dispatcher.destroy()
    }
  }

  async function follow(look: LookRequest & LookWay, way: Way): Promise<LookResult> {
    let url = new URL(look.url)
    let cookies: readonly Cookie[] = look.state?.cookies ?? []
    for (let redirects = 0; ; redirects++) {
      const nowSeconds = clock.now() / 1000
      const answer = await ask(url, cookieHeader(cookies, url, nowSeconds), { look, way })
      for (const header of setCookieHeaders(answer.headers)) {
        cookies = mergeSetCookie(cookies, header, { url, nowSeconds })
      }
      const next = redirects < mostRedirects ? redirectTarget(answer, url) : undefined
      if (!next)
        return result(look, { url, status: answer.statusCode, body: await readBody(answer.body) }, cookies)
      await answer.body.dump()
      url = next
    }
  }
}

async function ask(
  url: URL,
  cookie: string,
  { look, way }: { look: LookRequest; way: Way },
): Promise<Dispatcher.ResponseData> {
  try {
    return await request(url, {
      dispatcher: way.dispatcher,
      headers: {
        accept: 'text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8',
        'accept-language': 'en',
        'user-agent': look.userAgent ?? plainUserAgent,
        ...(look.userAgentMetadata && isTrustworthy(url) && clientHintHeaders(look.userAgentMetadata)),
        ...(cookie !== '' && { cookie }),
      },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.any([look.signal, AbortSignal.timeout(timeoutMs)]),
    })
  } catch (cause) {
    const through = way.exit.via === undefined ? '' : `, through the proxy ${way.exit.via}`
    throw (
      way.exit.refusalOf(url.href) ??
      new SiteUnreachableError(`${url.origin} does not answer${through}`, { cause })
    )
  }
}

function redirectTarget({ statusCode, headers }: Dispatcher.ResponseData, url: URL): URL | undefined {
  const { location } = headers
  if (![301, 302, 303, 307, 308].includes(statusCode) || typeof location !== 'string') return undefined
  const target = URL.parse(location, url.href)
  return target && /^https?:$/.test(target.protocol) ? target : undefined
}

function setCookieHeaders(headers: Dispatcher.ResponseData['headers']): string[] {
  return [headers['set-cookie'] ?? []].flat()
}

async function readBody(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      size += chunk.length
      if (size > mostBodyBytes) break
    }
  } catch (cause) {
    throw new SiteUnreachableError('the answer broke off', { cause })
  }
  return Buffer.concat(chunks).toString('utf8')
}

function result(
  { state, url: asked, sites }: LookRequest & LookWay,
  { url, status, body }: { url: URL; status: number; body: string },
  cookies: readonly Cookie[],
): LookResult {
  const sighting = { status, finalUrl: url.href, body }
  if (!state) return { sighting }
  if (cookies === state.cookies) return { sighting, state }
  // What another site has set on the way there and back is no part of the session.
  const own = { urls: [asked, ...sites], hosts: hostsOf(state) }
  return { sighting, state: keepOwnSites({ ...state, cookies: [...cookies] }, own) }
}
