import { lookup } from 'node:dns/promises'
import { plainAddress } from './addresses.ts'

/** All addresses of a name, plain. @throws the system's error where there are none. */
export type ResolveHost = (host: string) => Promise<readonly string[]>

/** As the system resolves names, with its hosts file. */
export const resolveBySystem: ResolveHost = async (host) => {
  const found = await lookup(host, { all: true })
  return found.map(({ address }) => plainAddress(address))
}
