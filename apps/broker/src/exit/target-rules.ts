import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { type AddressKind, kindOf, plainAddress } from './addresses.ts'
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
  sites: readonly Target[]
  resolveHost: ResolveHost
}

/** Where a session's pages may lead, by where its own sites are; beside its sites nobody reaches what is link-local. */
const within: Record<AddressKind, readonly AddressKind[]> = {
  public: ['public'],
  private: ['public', 'private'],
  'link-local': ['public', 'private'],
  loopback: ['public', 'private', 'loopback'],
}

/** Why nothing may go there; undefined where it may. */
export async function whyRefused(target: Target, rules: Rules): Promise<string | undefined> {
  const allowed = rules.allow.filter((each) => allows(each, target))
  if (allowed.some(({ port }) => port !== undefined)) return undefined
  const isSite = rules.sites.some(({ host, port }) => host === target.host && port === target.port)
  if (!isSite && (await isOwn(target, rules))) return 'it is the broker’s own, or its Redis'
  if (allowed.length > 0) return undefined
  const kinds = new Set(target.addresses.map(kindOf))
  if (isSite) {
    return kinds.has('public') && kinds.size > 1 ? 'its name has public and private addresses' : undefined
  }
  const siteKinds = rules.sites.flatMap(kindsOfSite)
  const beyond = [...kinds].filter((kind) => siteKinds.some((siteKind) => !within[siteKind].includes(kind)))
  if (beyond.includes('link-local')) return 'it is a link-local address, of the machine’s own surroundings'
  if (beyond.includes('loopback'))
    return 'it is on the broker’s own machine, and the session’s own site is not'
  return beyond.length > 0 ? 'it is in a private network, and the session’s own site is not' : undefined
}

/** The sites of a session, with the addresses that they have now; none where there is no such name. */
export function findSites(urls: readonly string[], resolveHost: ResolveHost): Promise<Target[]> {
  const sites = urls.map((url) => hostPortOf(new URL(url)))
  return Promise.all(
    sites.map(async (site) => ({ ...site, addresses: await addressesOf(site.host, resolveHost) })),
  )
}

/** Where only the session's proxy knows the name, it may be anywhere. */
function kindsOfSite({ addresses }: Target): AddressKind[] {
  return addresses.length > 0 ? addresses.map(kindOf) : ['public']
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

/** What listens at one address of this machine may listen at all of them, so its port is its own at each. */
async function isOwn(target: Target, { own, resolveHost }: Rules): Promise<boolean> {
  const candidates = own.filter(({ port }) => port === target.port)
  if (candidates.some(({ host }) => host === target.host)) return true
  const found = await Promise.all(candidates.map(({ host }) => addressesOf(host, resolveHost)))
  const addresses = found.flat()
  if (addresses.some((address) => target.addresses.includes(address))) return true
  return addresses.some(isHere) && target.addresses.some(isHere)
}

function isHere(address: string): boolean {
  const interfaces = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  return kindOf(address) === 'loopback' || interfaces.some((each) => plainAddress(each.address) === address)
}

async function addressesOf(host: string, resolveHost: ResolveHost): Promise<readonly string[]> {
  return isIP(host) ? [plainAddress(host)] : resolveHost(host).catch(() => [])
}
