import { lookup } from 'node:dns/promises'
import { get as getByHttp } from 'node:http'
import { get as getByHttps } from 'node:https'
import { isIP } from 'node:net'
import { json } from 'node:stream/consumers'
import { CdpError } from './cdp-error.ts'

/**
 * The WebSocket address of the browser itself (`webSocketDebuggerUrl` of `/json/version`). An address that is one
 * already (`ws://…/devtools/browser/…`) is taken as it is.
 *
 * @throws CdpError `chrome_unreachable`
 */
export async function findEndpoint(cdpUrl: string, signal: AbortSignal): Promise<string> {
  const url = parse(cdpUrl)
  if (url.protocol === 'ws:' || url.protocol === 'wss:') return url.href
  const base = await withAddress(url)
  const told = await askVersion(base, signal).catch((cause) => {
    signal.throwIfAborted()
    throw notThere(url, cause)
  })
  const browser = new URL(told)
  // Chrome tells the address that it was asked at; through a port mapping only ours is right.
  browser.host = base.host
  if (url.protocol === 'https:') browser.protocol = 'wss:'
  return browser.href
}

/** The address at which this Chrome answers, without its host's name and a slash at its end. @throws CdpError `chrome_unreachable` */
export async function findAddress(cdpUrl: string): Promise<string> {
  const url = parse(cdpUrl)
  const isEndpoint = url.protocol === 'ws:' || url.protocol === 'wss:'
  return isEndpoint ? url.href : (await withAddress(url)).origin
}

/** @returns one sentence that says what to do, for a Chrome that can't be reached at `url`. */
export function notThere(url: URL, cause?: unknown): CdpError {
  const port = url.port || '9222'
  return new CdpError(
    'chrome_unreachable',
    `No Chrome answers at ${url.origin}: start one with --remote-debugging-port=${port} and a --user-data-dir of its own`,
    { cause },
  )
}

function parse(cdpUrl: string): URL {
  const url = URL.parse(cdpUrl)
  if (url && /^(https?|wss?):$/.test(url.protocol)) return url
  throw new CdpError(
    'chrome_unreachable',
    'The address of Chrome has to look like http://127.0.0.1:9222 or ws://127.0.0.1:9222/devtools/browser/…',
  )
}

/** Chrome serves its debugging port under an IP address or localhost only, whatever name leads there. */
async function withAddress(url: URL): Promise<URL> {
  const { hostname, protocol } = url
  if (protocol === 'https:' || hostname === 'localhost' || isIP(hostname.replace(/^\[|\]$/g, ''))) return url
  const { address, family } = await lookup(hostname).catch((cause) => {
    throw notThere(url, cause)
  })
  const resolved = new URL(url)
  resolved.hostname = family === 6 ? `[${address}]` : address
  return resolved
}

async function askVersion(base: URL, signal: AbortSignal): Promise<string> {
  const { statusCode, body } = await getJson(new URL('/json/version', base), signal)
  const version = body as { webSocketDebuggerUrl?: unknown } | null
  if (statusCode !== 200 || typeof version?.webSocketDebuggerUrl !== 'string') {
    throw new TypeError(`/json/version was answered with status ${statusCode} and no address`)
  }
  return version.webSocketDebuggerUrl
}

function getJson(url: URL, signal: AbortSignal): Promise<{ statusCode: number | undefined; body: unknown }> {
  const get = url.protocol === 'https:' ? getByHttps : getByHttp
  return new Promise((resolve, reject) => {
    get(url, { signal, agent: false }, (response) => {
      const { statusCode } = response
      json(response).then((body) => resolve({ statusCode, body }), reject)
    }).on('error', reject)
  })
}
