import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import type { Chance } from '../chance.ts'
import type { Cluster, PlayedRole } from '../cluster/start-cluster.ts'
import type { Told } from '../history/gather-history.ts'
import type { Use } from '../history/history.ts'
import { type Asking, askRefresh, askReset, type HeldState, readState } from './ask-broker.ts'
import { type BrokerChoice, createBrokerChoice } from './choose-broker.ts'

export interface ClientPart {
  cluster: Cluster
  role: PlayedRole
  session: string
  chance: Chance
  /** What it sees is added. */
  told: Told
  signal: AbortSignal
}

/** How many of the refreshes are forced, as an operator would. */
const forcedShare = 0.03

/**
 * As a worker does: reads the session at any broker, shows it to the site, and says when the site does not know it any
 * more. Goes on until the signal.
 */
export async function playClient(part: ClientPart): Promise<void> {
  const { cluster, session, chance, told, signal } = part
  const choice = createBrokerChoice(cluster.brokers, chance)
  const held = new Map<string, HeldState>()
  while (!signal.aborted) {
    const asking = { cluster, broker: choice.pick(), session, signal }
    const seen = await readState(asking, {
      held: chance.next() < 0.5 ? held.get(asking.broker.broker()) : undefined,
      waitSeconds: chance.next() < 0.2 ? 1 : 0,
    })
    if (!seen.read) {
      await getOver(part, choice, { asking, code: seen.code })
      continue
    }
    told.reads.push(seen.read)
    held.set(seen.read.broker, seen.state)
    const use = await showToSite(part, seen.state)
    if (use === 'unknown') await mend(part, choice, seen.state.generation)
    else await pause(chance.between(20, 100), signal)
    if (typeof use === 'object') told.uses.push(use)
  }
}

/** Unclear where the site is down. */
export async function showToSite(
  { role, session }: Pick<ClientPart, 'role' | 'session'>,
  { generation, cookie }: HeldState,
): Promise<Use | 'unknown' | 'unclear'> {
  const { statusCode, body } = await request(`${role.site.url}/api/me`, { headers: { cookie } })
  const text = await body.text()
  if (statusCode !== 200) return statusCode === 401 ? 'unknown' : 'unclear'
  const { sessionNumber } = JSON.parse(text) as { sessionNumber: number }
  return { session, generation, signIn: sessionNumber }
}

async function mend(part: ClientPart, choice: BrokerChoice, seen: number): Promise<void> {
  const { cluster, session, chance, told, signal } = part
  const asking = { cluster, broker: choice.pick(), session, signal }
  const answer = await askRefresh(asking, { seen, force: chance.next() < forcedShare })
  if (answer.told) told.refreshes.push(answer.told)
  else await getOver(part, choice, { asking, code: answer.code })
}

/** What failed is tried again soon; where the broker wants to wait longer, an operator allows it. */
async function getOver(
  { chance, signal }: ClientPart,
  choice: BrokerChoice,
  { asking, code }: { asking: Asking; code: string | undefined },
): Promise<void> {
  if (code === undefined) choice.gaveNoAnswer(asking.broker)
  if (code === 'login_backing_off' || code === 'login_locked_out') await askReset(asking)
  await pause(chance.between(20, 100), signal)
}

export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => undefined)
}
