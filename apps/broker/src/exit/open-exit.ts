import type { lookup } from 'node:dns'
import { Agent, type IncomingMessage } from 'node:http'
import { isIP, type LookupFunction } from 'node:net'
import { type PrepareRequestFunctionResult, RequestError } from 'proxy-chain'
import type { ExitRequest, SiteExit } from '../session/ports/site-exit.ts'
import { plainAddress } from './addresses.ts'
import { keepConnections } from './keep-connections.ts'
import { rememberRefusals } from './remember-refusals.ts'
import type { ResolveHost } from './resolve-host.ts'
import { type AllowedTarget, findSites, type HostPort, portOf, whyRefused } from './target-rules.ts'

export interface ExitsOptions {
  resolveHost: ResolveHost
  /** Where the broker and its Redis servers are, which may be known later. */
  own: () => readonly HostPort[]
  allow: readonly AllowedTarget[]
}

export interface Passage extends HostPort {
  request: IncomingMessage
  isHttp: boolean
}

export interface OpenedExit extends SiteExit {
  /** How the proxy is to go on with a request. @throws RequestError where it is not let through. */
  letThrough(passage: Passage): Promise<PrepareRequestFunctionResult>
}

/** One way out with its own rules, its own connections and its own end. */
export async function openExit(
  options: ExitsOptions & ExitRequest & Pick<SiteExit, 'username' | 'password'>,
): Promise<OpenedExit> {
  const { username, password, isOver, own, allow, resolveHost } = options
  const upstream = options.proxy && new URL(await options.proxy())
  const connections = keepConnections({ isOver })
  const refusals = rememberRefusals()
  // Found before anything passes, and kept: whoever answers for a site's name cannot turn it elsewhere in the middle.
  const finding = findSites(options.sites, resolveHost)
  // Of its own, since a connection that one session may have is nothing for another.
  const httpAgent = new Agent({ keepAlive: true })

  /** Resolved once: what is judged is what is connected to. */
  async function addressesOf(host: string): Promise<readonly string[]> {
    if (isIP(host)) return [plainAddress(host)]
    const site = (await finding).find((each) => each.host === host)
    const addresses = site ? site.addresses : await resolveHost(host).catch(() => [])
    // Only the session's proxy may know the name.
    if (addresses.length > 0 || upstream) return addresses
    throw new RequestError('there is no such host', 502)
  }

  return {
    ...{ username, password },
    ...(upstream && { via: `${upstream.hostname}:${portOf(upstream)}` }),
    async letThrough({ request, host, port, isHttp }) {
      connections.keep(isHttp ? request : request.socket, request.socket)
      const target = { host, port, addresses: await addressesOf(host) }
      const why = await whyRefused(target, { own: own(), allow, sites: await finding, resolveHost })
      if (why) refusals.add(target, why)
      if (why || connections.areOver()) throw new RequestError('not let through', 403)
      return {
        httpAgent,
        ...(upstream ? { upstreamProxyUrl: hrefOf(upstream) } : { dnsLookup: lookupOf(target.addresses) }),
      }
    },
    refusalOf: refusals.of,
    close() {
      connections.cut()
      httpAgent.destroy()
    },
  }
}

/** socks5h: the name goes to the proxy, which may know it better, rather than an address. */
function hrefOf({ href }: URL): string {
  return href.replace(/^socks5:/, 'socks5h:')
}

/** Gives nothing but what is known already. */
function lookupOf(addresses: readonly string[]): typeof lookup {
  const found = addresses.map((address) => ({ address, family: isIP(address) }))
  const known: LookupFunction = (_host, { all }, done) => {
    const [first = { address: '', family: 0 }] = found
    if (all) done(null, found)
    else done(null, first.address, first.family)
  }
  // The type has every way to call it; a socket calls it in this one.
  return known as unknown as typeof lookup
}
