import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { kindOf, plainAddress } from './addresses.ts'
import type { ResolveHost } from './resolve-host.ts'

export interface HostPort {
  /** A name or an address, without brackets. */
  host: string
  port: number
}

/** What the operator lets through; without a port: all but what is the broker's own. */
export interface AllowedTarget {
  host: string
  port?: number
}

export interface Target extends HostPort {
  /** All that the name led to, plain; empty where only the session's proxy can tell. */
  addresses: readonly string[]
}

interface Rules {
  /** The broker, and its Redis servers. */
  own: readonly HostPort[]
  allow: readonly AllowedTarget[]
  /** The session's own sites. */
  sites: readonly HostPort[]
  /** Whether they are in a private network themselves. */
  areSitesPrivate: () => Promise<boolean>
  resolveHost: ResolveHost
}

/** Why nothing may go there; undefined where it may. */
export async function whyRefused(target: Target, rules: Rules): Promise<string | undefined> {
  const allowed = rules.allow.filter((each) => allows(each, target))
  if (allowed.some(({ port }) => port !== undefined)) return undefined
  const isSite = rules.sites.some(({ host, port }) => host === target.host && port === target.port)
  if (!isSite && (await isOwn(target, rules))) return 'it is the broker’s own, or its Redis'
  if (allowed.length > 0) return undefined
  const kinds = target.addresses.map(kindOf)
  if (kinds.every((kind) => kind === 'public')) return undefined
  if (!isSite && kinds.includes('link-local'))
    return 'it is a link-local address, of the machine’s own surroundings'
  if (await rules.areSitesPrivate()) return undefined
  return isSite
    ? 'its name was a public address before, and is a private one now'
    : 'it is in a private network, and the session’s own site is not'
}

/** The part of the rules that comes from the session. The sites are resolved when it first matters, and once. */
export function siteRules(urls: readonly string[], resolveHost: ResolveHost) {
  const sites = urls.map((url) => hostPortOf(new URL(url)))
  let answer: Promise<boolean> | undefined
  async function look(): Promise<boolean> {
    const found = await Promise.all(sites.map(({ host }) => resolveHost(host).catch(() => [])))
    return found.flat().some((address) => kindOf(address) !== 'public')
  }
  const areSitesPrivate = () => {
    answer ??= look()
    return answer
  }
  return { sites, areSitesPrivate }
}

export function hostPortOf(url: URL): HostPort {
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: portOf(url) }
}

const defaultPorts: Record<string, number> = { 'http:': 80, 'ws:': 80, 'https:': 443, 'wss:': 443 }

export function portOf({ port, protocol }: URL): number {
  return port === '' ? (defaultPorts[protocol] ?? 0) : Number(port)
}

function allows({ host, port }: AllowedTarget, target: Target): boolean {
  if (port !== undefined && port !== target.port) return false
  return host === target.host || target.addresses.includes(plainAddress(host))
}

async function isOwn(target: Target, { own, resolveHost }: Rules): Promise<boolean> {
  const candidates = own.filter(({ port }) => port === target.port)
  if (candidates.some(({ host }) => host === target.host)) return true
  const addresses = await Promise.all(candidates.map(({ host }) => addressesOf(host, resolveHost)))
  return addresses.flat().some((address) => target.addresses.includes(address))
}

/** What listens everywhere is reached at each address of this machine. */
async function addressesOf(host: string, resolveHost: ResolveHost): Promise<readonly string[]> {
  if (host === '0.0.0.0' || (isIPv6(host) && host !== '::1' && plainAddress(host) === '::1')) {
    const interfaces = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
    return [...interfaces.map(({ address }) => plainAddress(address)), '127.0.0.1', '::1']
  }
  return resolveHost(host).catch(() => [])
}
