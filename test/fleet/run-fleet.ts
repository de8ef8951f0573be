import { setTimeout as delay } from 'node:timers/promises'
import { type BrokerClient, createBrokerClient } from '@session-broker/client'
import type { WorkerStatus } from '@session-broker/shared'
import { seededChance } from '../chaos/chance.ts'
import {
  type Cast,
  type CastOptions,
  session,
  startCast,
  startWorkers,
  type Workers,
} from './cast/start-cast.ts'
import { type PlannedRound, planRounds } from './plan-rounds.ts'
import { contentOf } from './verdict/content-of.ts'
import type { AppliedState, FleetRecord, HeardEvent, Hop, Round, Timed } from './verdict/fleet-record.ts'

export interface FleetOptions extends CastOptions {
  seed: number
  durationMs: number
  everyMs: number
  killEveryMs: number
  /** Left out: none. Of the answers to workers: so many are an older state, as of a replica that lags behind. */
  staleShare?: number
  say?: (line: string) => void
}

interface Fleet {
  cast: Cast
  client: BrokerClient
  workers: Workers
  rounds: Round[]
  timed: Map<string, Timed>
  heard: HeardEvent[]
  hops: Hop[]
  /** Brokers that start again. */
  restarts: Promise<void>[]
  say: (line: string) => void
}

const askWithinMs = 120_000
const pollMs = 500

/** Brokers, workers and a site that ends the session over and over, while brokers are killed. */
export async function runFleet(options: FleetOptions): Promise<FleetRecord> {
  await using opened = new AsyncDisposableStack()
  const { seed, everyMs, durationMs, staleShare = 0, say = () => undefined } = options
  const cast = await startCast(opened, options)
  const { urls: brokers, key } = cast
  const client = opened.adopt(createBrokerClient({ url: brokers, key }), (each) => each.close())
  const applied: AppliedState[] = []
  const heard: HeardEvent[] = []
  const fleet: Fleet = {
    ...{ cast, client, say },
    workers: await startWorkers(opened, options, {
      ...{ brokers, key, session, seed, staleShare },
      onApplied: (state) => applied.push(state),
      onHeard: (event) => heard.push(event),
    }),
    ...{ rounds: [], timed: new Map(), heard, hops: [], restarts: [] },
  }
  await playFirst(fleet)
  const plan = planRounds(seededChance(seed), { ...options, rounds: Math.floor(durationMs / everyMs) })
  for (const planned of plan) await playRound(fleet, planned, everyMs)
  await Promise.all(fleet.restarts)
  return await lookAtAll(fleet, applied)
}

/** The first login: whoever comes asks for it. */
async function playFirst(fleet: Fleet): Promise<void> {
  const { rounds, workers } = fleet
  const isIn = await untilAllHave(fleet, { generation: 1, withinMs: askWithinMs })
  if (!isIn) throw new Error('the fleet was not signed in at the start')
  const logins = (await fleet.cast.site.stats()).loginsStarted
  rounds.push({ askers: workers.names.length, logins, generation: 1, isCut: false, hasKill: false })
}

async function playRound(fleet: Fleet, planned: PlannedRound, everyMs: number): Promise<void> {
  const { cast, rounds, restarts, say } = fleet
  const { askers, kill } = planned
  const startMs = performance.now()
  const before = rounds.at(-1)?.generation ?? 0
  const { loginsStarted } = await cast.site.stats()
  await cast.site.killSessions()
  let isRenewed = false
  let isCut = false
  const killed =
    kill &&
    delay(kill.afterMs).then(() => {
      isCut = !isRenewed
      const place = cast.places[kill.broker]
      if (place?.isRunning()) restarts.push(place.kill())
    })
  const generations = await Promise.all(Array.from({ length: askers }, () => askRefresh(fleet, before)))
  isRenewed = true
  const generation = Math.max(...generations)
  const leftMs = startMs + everyMs - performance.now()
  await untilAllHave(fleet, { generation, withinMs: Math.max(leftMs, 1_000) })
  await Promise.all([killed, delay(Math.max(0, startMs + everyMs - performance.now()))])
  await noteHops(fleet, generation)
  const logins = (await cast.site.stats()).loginsStarted - loginsStarted
  const round = { askers, logins, generation, isCut, hasKill: kill !== undefined }
  rounds.push(round)
  say(
    `generation ${generation}: ${logins} logins${kill ? `, a broker killed${isCut ? ' in the login' : ''}` : ''}`,
  )
}

/** Until it is answered: whom it asks may die of it. @throws what it was told last, when that takes too long */
async function askRefresh({ cast, say }: Fleet, generation: number): Promise<number> {
  const client = createBrokerClient({ url: cast.urls, key: cast.key })
  const endMs = performance.now() + askWithinMs
  let lastSaid = ''
  try {
    for (;;) {
      try {
        const signal = AbortSignal.timeout(askWithinMs)
        return (await client.refresh({ session, generation, signal })).generation
      } catch (error) {
        if (performance.now() > endMs) throw error
        const said = error instanceof Error ? error.message : String(error)
        if (said !== lastSaid) say(`  asked again: ${said}`)
        lastSaid = said
        await delay(100)
      }
    }
  } finally {
    await client.close()
  }
}

/** Notes on the way what the brokers tell of how long it took. */
async function untilAllHave(
  fleet: Fleet,
  { generation, withinMs }: { generation: number; withinMs: number },
): Promise<boolean> {
  for (const endMs = performance.now() + withinMs; performance.now() < endMs; await delay(pollMs)) {
    const told = await fleet.client
      .workers(AbortSignal.timeout(Math.ceil(withinMs)))
      .catch((): WorkerStatus[] => [])
    for (const status of told) noteTimed(fleet, status)
    const have = new Set(told.filter((each) => each.generation >= generation).map(({ id }) => id))
    if (fleet.workers.names.every((name) => have.has(name))) return true
  }
  return false
}

function noteTimed(
  { timed }: Fleet,
  { id, generation, revision, commitToAppliedMs, applyMs = 0 }: WorkerStatus,
) {
  if (commitToAppliedMs === undefined) return
  timed.set(`${id} ${generation}`, { worker: id, generation, revision, commitToAppliedMs, applyMs })
}

async function noteHops({ client, heard, hops }: Fleet, generation: number): Promise<void> {
  const answer = await client.cookies({ session })
  if (answer.kind !== 'session' || answer.session.generation !== generation) return
  const committedAtMs = Date.parse(answer.session.obtainedAt)
  for (const { generation: of, atMs, openSinceMs } of heard) {
    if (of === generation && openSinceMs < committedAtMs)
      hops.push({ generation, hopMs: atMs - committedAtMs })
  }
}

/** When all is healed: what the brokers tell of each worker, and what is in the Chromes themselves. */
async function lookAtAll(fleet: Fleet, applied: readonly AppliedState[]): Promise<FleetRecord> {
  const { client, workers, rounds, timed, hops } = fleet
  await untilAllHave(fleet, { generation: rounds.at(-1)?.generation ?? 0, withinMs: 60_000 })
  const newest = await client.cookies({ session })
  if (newest.kind !== 'session') throw new Error('the broker answers with no session')
  const inChromiums = new Map(
    await Promise.all(workers.chromiums.map(async (each) => [each.name, await each.content()] as const)),
  )
  const lastOf = (worker: string) => applied.findLast((each) => each.worker === worker)?.content
  const statuses = (await client.workers()).filter(({ session: of }) => of === session)
  return {
    ...{ workers: workers.names, rounds, applied, hops, timed: [...timed.values()] },
    newest: {
      generation: newest.session.generation,
      revision: newest.session.revision,
      content: contentOf(newest.session),
    },
    ends: statuses.map(({ id, generation, revision, outcome }) => ({
      ...{ worker: id, generation, revision, outcome },
      content: inChromiums.get(id) ?? lastOf(id),
    })),
  }
}
