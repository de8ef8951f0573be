import { type ChromeLine, createChromeLine } from './chrome-line.ts'
import { type Claims, createClaims } from './claim-sites.ts'
import { createHeldSession, type HeldSession } from './held-session.ts'
import type { Keep } from './here.ts'
import { keepSignedIn } from './keep-signed-in.ts'
import type { BrokerLink, BrokerPort } from './ports/broker.ts'
import type { ChromePort } from './ports/chrome.ts'
import type { Clock } from './ports/clock.ts'
import type { Log } from './ports/log.ts'
import { createRefreshDesk, type RefreshDesk } from './refresh-desk.ts'
import { createReporter, type SendReport } from './send-reports.ts'
import { createStandings, type Post, type Standings } from './standings.ts'

export interface WorkerDependencies {
  broker: BrokerPort
  chromes: readonly ChromePort[]
  clock: Clock
  log: Log
  /** For whoever asks this worker how it stands. */
  standings?: Standings
}

export interface WorkerOrder {
  sessions: readonly string[]
  /** About how often to look whether each Chrome is signed in. */
  lookEveryMs: number
  /** About how often to look whether a Chrome's cookies are to be given back; left out: never. */
  writeBackEveryMs?: number | undefined
  signal: AbortSignal
}

interface Kept {
  held: HeldSession
  desk: RefreshDesk
}

interface Place {
  line: ChromeLine
  claims: Claims
}

/**
 * Keeps every Chrome signed in to every session until the signal is aborted. A session that the broker refuses for good
 * is given up, and the others go on. Throws the first session's reason when all of them were given up.
 */
export async function runWorker(worker: WorkerDependencies, order: WorkerOrder): Promise<void> {
  const { chromes, clock, log, standings = createStandings(clock) } = worker
  const stop = new AbortController()
  const stopping = AbortSignal.any([stop.signal, afterLastWords(worker, order, stop.signal)])
  const attached = (id: string) => standings.happened({ kind: 'attached', worker: id })
  const places = chromes.map((chrome) => ({
    line: createChromeLine({ chrome, clock, log, onAttached: () => attached(chrome.workerId) }),
    claims: createClaims(),
  }))
  const sessions = order.sessions.map((session) => {
    const held = createHeldSession(worker, session)
    const { lookEveryMs } = order
    return { held, desk: createRefreshDesk({ ...worker, held, lookEveryMs, stopping }) }
  })
  const background = [
    ...places.map(({ line }) => line.hold(stopping)),
    followEvents({ ...worker, standings }, sessions, stopping),
  ]
  try {
    const keeping = sessions.map((one) =>
      keepSession({ ...worker, ...order, ...one, standings, places, ending: order.signal, stopping }),
    )
    const ends = await Promise.race([Promise.allSettled(keeping), failureOf(background)])
    const failed = ends.find((end) => end.status === 'rejected')
    if (failed && !order.signal.aborted) throw failed.reason
  } finally {
    stop.abort()
    await Promise.allSettled(background)
  }
}

type Keeping = Required<WorkerDependencies> &
  Omit<WorkerOrder, 'signal'> &
  Kept &
  Pick<Keep, 'ending' | 'stopping'> & { places: Place[] }

/** One session in all Chromes; ends as a whole. */
async function keepSession({ held, desk, places, ending, stopping, ...rest }: Keeping): Promise<void> {
  const { broker, clock, log, lookEveryMs, writeBackEveryMs, standings } = rest
  const { calls } = standings
  const stop = new AbortController()
  const signal = AbortSignal.any([stopping, stop.signal])
  const common = { held, desk, calls, broker, clock, log, lookEveryMs, writeBackEveryMs, stopping: signal }
  const posts: Post[] = []
  const kept = places.map(({ line, claims }) => {
    const post = standings.post({ session: held.session, worker: line.workerId, address: line.address })
    posts.push(post)
    const send = createReporter({ broker, clock, log, signal }, line.workerId)
    const report: SendReport = (one, as) => {
      post.report(one)
      send(one, as)
    }
    const own = { line, claims, report, post, ending: AbortSignal.any([ending, signal]) }
    return keepSignedIn({ ...common, ...own })
  })
  const parts = [held.follow(signal), ...kept]
  try {
    await Promise.race([Promise.all(parts), Promise.all(kept)])
  } catch (error) {
    if (ending.aborted || stopping.aborted) return
    for (const post of posts) post.giveUp()
    log.error({ session: held.session, error }, 'session given up')
    throw error
  } finally {
    stop.abort()
    await Promise.allSettled(parts)
  }
}

/** How long what has changed in Chromes may take to be given back at the end. */
const lastWordsMs = 5_000

/** Aborted when the worker is to end, or, where something may have to be said before that, a little later. */
function afterLastWords(
  { clock }: WorkerDependencies,
  { signal, writeBackEveryMs }: WorkerOrder,
  ended: AbortSignal,
): AbortSignal {
  if (writeBackEveryMs === undefined) return signal
  const over = new AbortController()
  const wait = () => void clock.wait(lastWordsMs, ended).then(() => over.abort())
  if (signal.aborted) over.abort()
  else signal.addEventListener('abort', wait, { once: true })
  return over.signal
}

async function followEvents(
  { broker, log, standings }: Required<WorkerDependencies>,
  sessions: Kept[],
  signal: AbortSignal,
) {
  const onLink = (link: BrokerLink) => {
    standings.happened({ kind: 'link', by: link.by })
    tellLink(log, link)
    if (link.by === 'away') return
    const mayAsk = sessions.map(({ desk }) => desk.brokerIsBack())
    // Who was found signed out while it was away is looked at again, and asked about.
    if (mayAsk.includes(true)) standings.calls.ring()
  }
  const names = sessions.map(({ held }) => held.session)
  for await (const event of broker.watch({ session: names, signal, onLink })) {
    sessions.find(({ held }) => held.session === event.session)?.held.hear(event)
  }
}

function tellLink(log: Log, { by, broker, reason }: BrokerLink): void {
  const fields = { broker, ...(reason && { reason }) }
  if (by === 'events') log.info(fields, 'following events')
  if (by === 'polling') log.warn(fields, 'polling')
  if (by === 'away') log.warn(fields, 'broker away')
}

/** Rejects with the first failure; a quiet end is none. */
function failureOf(parts: readonly Promise<void>[]): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const part of parts) part.catch(reject)
  })
}
