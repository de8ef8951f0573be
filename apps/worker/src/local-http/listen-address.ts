import { BlockList, isIP } from 'node:net'

export interface ListenAddress {
  /** Without brackets. */
  host: string
  /** 0: any free one. */
  port: number
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/** Whether it is this machine that asks. An IPv4 address may come in IPv6's clothes (`::ffff:127.0.0.1`). */
export function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '')
  return isIP(plain) !== 0 && loopback.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
}

/** Whether the host of a URL is this machine. */
export function isLoopbackHost(hostname: string): boolean {
  const isName = hostname === 'localhost' || hostname.endsWith('.localhost')
  return isName || isLoopback(hostname.replace(/^\[|\]$/g, ''))
}

export function showAddress({ host, port }: ListenAddress): string {
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`
}
