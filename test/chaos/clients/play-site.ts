import type { Chance } from '../chance.ts'
import type { PlayedRole } from '../cluster/start-cluster.ts'
import { pause } from './play-client.ts'

/** What a site does to its users, by its role: it forgets them, and is down now and then. Ends well. */
export async function playSite(role: PlayedRole, chance: Chance, signal: AbortSignal): Promise<void> {
  const { site, killedAfterMs, downForMs } = role
  while (!signal.aborted) {
    await pause(chance.between(...killedAfterMs), signal)
    site.killSessions()
    if (downForMs === undefined || chance.next() < 0.8) continue
    site.change({ mode: 'down' })
    await pause(chance.between(100, downForMs), signal)
    site.change({ mode: 'ok' })
  }
}
