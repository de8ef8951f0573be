import { type Cookie, fromCdpCookie, type SessionState } from '@session-broker/shared'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import { findPages } from './find-pages.ts'
import { isWithin } from './is-within.ts'
import { readClientHints } from './read-client-hints.ts'
import { readStorage } from './read-storage.ts'

export interface CaptureWish {
  /** Registrable domains, or hosts that have none. */
  sites: readonly string[]
  /** Pages whose origins may keep something, though they are not open; those of other sites are passed over. */
  urls: readonly string[]
  signal?: AbortSignal | undefined
}

export interface CapturedSession {
  state: SessionState
  /** A tab that shows one of the sites. */
  landedUrl?: string
  /** What could not be taken along, by name. */
  lost: string[]
}

/**
 * What this Chrome's default context holds for some sites: their cookies with every attribute, those that are partitioned below them,
 * localStorage and IndexedDB of their open pages, of the urls and of the cookies' hosts, and what it says of itself. Changes nothing.
 */
export async function captureSession(chrome: ChromeConnection, wish: CaptureWish): Promise<CapturedSession> {
  const { sites, signal } = wish
  const [cookies, open, userAgentMetadata] = await Promise.all([
    readCookies(chrome, sites, signal),
    findPages(chrome, sites, signal),
    readClientHints(chrome, signal),
  ])
  const origins = new Set([
    ...wish.urls
      .map((url) => new URL(url))
      .filter(({ hostname }) => isWithin(sites, hostname))
      .map(({ origin }) => origin),
    ...open.origins,
    ...cookies.map(originOf).filter((origin) => origin !== undefined),
  ])
  const read = await Promise.all(
    [...origins].map(async (origin) => ({ origin, ...(await readStorage(chrome, origin, signal)) })),
  )
  const [landedUrl] = open.tabs
  return {
    state: {
      userAgent: chrome.userAgent,
      ...(userAgentMetadata && { userAgentMetadata }),
      cookies,
      origins: read.map(({ storage }) => storage).filter((storage) => storage !== undefined),
    },
    lost: read.flatMap(({ origin, lost }) => lost.map((what) => `${what} of ${origin}`)),
    ...(landedUrl !== undefined && { landedUrl }),
  }
}

async function readCookies(
  chrome: ChromeConnection,
  sites: readonly string[],
  signal?: AbortSignal,
): Promise<Cookie[]> {
  const { cookies } = await chrome.send('Storage.getCookies', {}, { signal })
  return cookies
    .map(fromCdpCookie)
    .filter((cookie) => cookie !== undefined)
    .filter(
      ({ domain, partitionKey = '' }) =>
        isWithin(sites, domain.replace(/^\./, '')) ||
        isWithin(sites, URL.parse(partitionKey)?.hostname ?? ''),
    )
}

/** The origin that set the cookie, as far as Chrome knows it. */
function originOf({ domain, sourceScheme, sourcePort = -1, partitionKey }: Cookie): string | undefined {
  if (sourceScheme === undefined || sourceScheme === 'Unset' || partitionKey !== undefined) return undefined
  const scheme = sourceScheme === 'Secure' ? 'https' : 'http'
  return URL.parse(`${scheme}://${domain.replace(/^\./, '')}${sourcePort > 0 ? `:${sourcePort}` : ''}`)
    ?.origin
}
