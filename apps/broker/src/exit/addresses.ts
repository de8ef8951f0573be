import { BlockList, isIP, isIPv6 } from 'node:net'

/** Whom an address belongs to, as far as it matters here. */
export type AddressKind = 'public' | 'private' | 'loopback' | 'link-local'

const linkLocal = blockList([
  ['169.254.0.0', 16],
  ['fe80::', 10],
])
// Where Amazon's machines ask for their own keys over IPv6.
linkLocal.addAddress('fd00:ec2::254', 'ipv6')

const loopback = blockList([
  ['127.0.0.0', 8],
  ['::1', 128],
])

const privateUse = blockList([
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
  // These carry an IPv4 address, which may be a private one; no public site is at any of them.
  ['::', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b:1::', 48],
  ['2001::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fec0::', 10],
  ['ff00::', 8],
])

function blockList(subnets: [string, number][]): BlockList {
  const list = new BlockList()
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, isIPv6(net) ? 'ipv6' : 'ipv4')
  return list
}

/** @param address as `plainAddress` writes it. */
export function kindOf(address: string): AddressKind {
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  if (loopback.check(address, family)) return 'loopback'
  if (linkLocal.check(address, family)) return 'link-local'
  return privateUse.check(address, family) ? 'private' : 'public'
}

/** `::ffff:a.b.c.d` and, behind NAT64, `64:ff9b::a.b.c.d`, as the URL class writes them. */
const carriesIPv4 = /^(?:::ffff|64:ff9b:):([0-9a-f]{1,4}):([0-9a-f]{1,4})$/

/**
 * One spelling for one place: without brackets and zone, an IPv4 address out of the IPv6 one that carries it, and for "any
 * address of this machine" the loopback one that a connection to it reaches.
 */
export function plainAddress(text: string): string {
  const bare = text.replace(/^\[|\]$|%.*$/g, '')
  if (isIP(bare) !== 6) return bare === '0.0.0.0' ? '127.0.0.1' : bare
  const canonical = new URL(`http://[${bare}]`).hostname.slice(1, -1)
  if (canonical === '::') return '::1'
  const [, high, low] = carriesIPv4.exec(canonical) ?? []
  if (high === undefined || low === undefined) return canonical
  const bytes = [high, low].flatMap((each) => [
    Number.parseInt(each, 16) >> 8,
    Number.parseInt(each, 16) & 255,
  ])
  return plainAddress(bytes.join('.'))
}
