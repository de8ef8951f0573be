import { BlockList, isIPv6 } from 'node:net'
import { z } from 'zod'

export interface ListenAddress {
  /** Without brackets: `::1`. */
  host: string
  /** 0: any free one. */
  port: number
}

const pattern = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/
const wants = 'wants host:port, such as 127.0.0.1:8787 or [::1]:8787'

export const listenAddressSchema = z
  .string({ error: ({ input }) => (input === undefined || input === null ? undefined : wants) })
  .transform((text, context): ListenAddress => {
    const [, inBrackets, plain, digits] = pattern.exec(text) ?? []
    const host = inBrackets ?? plain
    const port = Number(digits)
    const isRight = host !== undefined && port <= 65_535 && (inBrackets === undefined || isIPv6(inBrackets))
    if (isRight) return { host, port }
    context.addIssue({ code: 'custom', message: wants })
    return z.NEVER
  })

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Whether only programs on this machine can reach it. */
export function isLoopback({ host }: ListenAddress): boolean {
  return host.toLowerCase() === 'localhost' || loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4')
}

export function showAddress({ host, port }: ListenAddress): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}
