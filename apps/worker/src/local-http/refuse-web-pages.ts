import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

export interface Refusal {
  status: number
  code: string
  detail: string
}

/**
 * No web page can use a worker. A name that leads here by a trick of its owner's (DNS rebinding) is not one that we answer under, and
 * what a browser says of where a request comes from ends those of foreign pages.
 *
 * @param listenHost the name or address that the worker was told to listen at
 */
export function refuseWebPages({ headers }: IncomingMessage, listenHost: string): Refusal | undefined {
  const { host = '', origin } = headers
  const name = hostName(host)
  if (name !== 'localhost' && name !== listenHost.toLowerCase() && isIP(name) === 0) {
    const detail = 'ask under an address, localhost, or the name that --listen has'
    return { status: 421, code: 'host_not_allowed', detail }
  }
  const site = headers['sec-fetch-site']
  const isOwnPage = origin === undefined || URL.parse(origin)?.host === host.toLowerCase()
  const isOwnSite = site === undefined || site === 'same-origin' || site === 'none'
  if (isOwnPage && isOwnSite) return undefined
  return { status: 403, code: 'origin_refused', detail: 'web pages may not use a worker' }
}

/** `Host` without its port and brackets; empty where it is no host. */
function hostName(host: string): string {
  const [, inBrackets, plain] = /^(?:\[([0-9a-f:.]+)\]|([^\s:/?#@[\]]+))(?::\d{1,5})?$/i.exec(host) ?? []
  return (inBrackets ?? plain ?? '').toLowerCase()
}
