import type { ExitsOptions } from '../../../apps/broker/src/exit/open-exit.ts'
import { openExits } from '../../../apps/broker/src/exit/open-exits.ts'

/** Exits that lead to this machine alone: what pages take from elsewhere stays away, wherever a test runs. */
export function openLocalExits({ own = () => [], allow = [] }: Partial<ExitsOptions> = {}) {
  return openExits({
    ...{ own, allow },
    async resolveHost(host) {
      if (/^127\.[\d.]+$/.test(host)) return [host]
      if (host === 'localhost' || host.endsWith('.localhost')) return ['127.0.0.1']
      throw new Error(`${host} is elsewhere`)
    },
  })
}

/** An exit request that never ends. */
export const toLoopback = { sites: ['http://127.0.0.1/'], isOver: () => false }
