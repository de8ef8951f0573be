import type {
  Cookie,
  IssuedSession,
  RefreshResult,
  SessionEvent,
  Verdict,
  WorkerReport,
} from '@session-broker/shared'
import { ProblemError } from '@session-broker/shared'
import type { BrokerLink, BrokerPort } from '../../../apps/worker/src/session/ports/broker.ts'
import {
  type Applied,
  type AttachedChrome,
  type ChromePort,
  StoodDown,
} from '../../../apps/worker/src/session/ports/chrome.ts'
import type { Clock } from '../../../apps/worker/src/session/ports/clock.ts'
import type { Log, LogFields } from '../../../apps/worker/src/session/ports/log.ts'

/** Lets everything run that waits for nothing but promises. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

export interface TurnedClock extends Clock {
  /** Turns the time on, past each wait that ends meanwhile. */
  turn(ms: number): Promise<void>
}

export function createClock(): TurnedClock {
  let nowMs = Date.UTC(2026, 0, 1)
  const waits = new Set<{ atMs: number; resolve: () => void }>()

  async function turn(ms: number): Promise<void> {
    const endMs = nowMs + ms
    await settle()
    for (;;) {
      const [next] = [...waits].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)
      if (!next) break
      nowMs = Math.max(nowMs, next.atMs)
      waits.delete(next)
      next.resolve()
      await settle()
    }
    nowMs = endMs
  }

  return {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    random: () => 0.5,
    wait: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve()
        const wait = { atMs: nowMs + ms, resolve }
        waits.add(wait)
        signal.addEventListener('abort', () => waits.delete(wait) && resolve(), { once: true })
      }),
    turn,
  }
}

export function createLog() {
  const lines: (LogFields & { level: string; message: string })[] = []
  const at = (level: string) => (fields: LogFields, message: string) =>
    void lines.push({ level, message, ...fields })
  const log: Log = { info: at('info'), warn: at('warn'), error: at('error') }
  return { log, lines, said: (message: string) => lines.filter((line) => line.message === message) }
}

export interface Times {
  /** Day of January 2026 on which it was obtained; left out: the generation. */
  day?: number
  revision?: number
  session?: string
  domains?: string[]
}

export function issued(
  generation: number,
  { day = generation, revision = 0, session = 'amazon', domains }: Times = {},
) {
  const state: IssuedSession = {
    session,
    generation,
    revision,
    obtainedAt: new Date(Date.UTC(2026, 0, day)).toISOString(),
    expiresAt: null,
    userAgent: 'Mozilla/5.0',
    cookies: (domains ?? [`.${session}.example`]).map((domain) => ({
      name: 'sid',
      value: `of-generation-${generation}`,
      domain,
      path: '/',
      expires: -1,
      httpOnly: true,
      secure: true,
    })),
    origins: [],
  }
  return state
}

/** What a refused key or an unknown session is to the domain. */
export class FinalError extends Error {}

export function createBroker(first?: IssuedSession) {
  const states = new Map<string, IssuedSession>(first ? [[first.session, first]] : [])
  let etags = 0
  const etagOf = new Map<IssuedSession, string>()
  const listeners = new Set<(event: SessionEvent) => void>()
  const links = new Set<(link: BrokerLink) => void>()
  const fake = {
    states,
    refreshes: [] as { session: string; generation: number; reason: string }[],
    reports: [] as ({ worker: string } & WorkerReport)[],
    cookieCalls: 0,
    /** While an answer is on its way. */
    onCookies: async () => {},
    /** What `cookies`, `report` and `refresh` throw. */
    failure: undefined as Error | undefined,
    failureOf: new Map<string, Error>(),
    onRefresh: async (_order: { session: string; generation: number }): Promise<RefreshResult> => {
      throw new Error('no refresh is expected')
    },
    link(by: BrokerLink['by']) {
      for (const onLink of links) onLink({ by, broker: 'https://broker.example' })
    },
    /** Who is asked for as the writer, and told to be. */
    writer: undefined as string | undefined,
    released: [] as string[],
    written: [] as { session: string; cookies: readonly Cookie[]; revision: number }[],
    /** What it publishes of what is written back. */
    onWriteBack: async (cookies: readonly Cookie[]): Promise<readonly Cookie[]> => cookies,
    /** A login made it: it is there and announced. */
    publish(state: IssuedSession) {
      states.set(state.session, state)
      fake.announce(state)
    },
    announce({ session, generation, revision }: IssuedSession, status: SessionEvent['status'] = 'live') {
      for (const listener of [...listeners]) listener({ session, generation, revision, status })
    },
  }

  function etagOfState(state: IssuedSession): string {
    if (!etagOf.has(state)) etagOf.set(state, `"${++etags}"`)
    return etagOf.get(state) ?? ''
  }

  const port: BrokerPort = {
    async electWriter({ worker, release }) {
      if (fake.failure) throw fake.failure
      if (release) {
        fake.released.push(worker)
        if (fake.writer === worker) fake.writer = undefined
        return { isYou: false }
      }
      fake.writer ??= worker
      return { isYou: fake.writer === worker }
    },
    async writeBack({ session, cookies, ifMatch, signal }) {
      if (fake.failure) throw fake.failure
      const published = await new Promise<readonly Cookie[]>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        fake.onWriteBack(cookies).then(resolve, reject)
      })
      const state = states.get(session)
      if (!state || etagOfState(state) !== ifMatch)
        throw new ProblemError('precondition_failed', 'another one is there')
      const revision = state.revision + 1
      fake.written.push({ session, cookies, revision })
      fake.publish({ ...state, revision, cookies: [...published] })
      return { generation: state.generation, revision }
    },
    async cookies({ session, ifNoneMatch }) {
      fake.cookieCalls += 1
      const state = states.get(session)
      await fake.onCookies()
      const failure = fake.failure ?? fake.failureOf.get(session)
      if (failure) throw failure
      if (!state) throw new Error('absent')
      const etag = etagOfState(state)
      return etag === ifNoneMatch ? { kind: 'unchanged' } : { kind: 'session', session: state, etag }
    },
    async refresh(order) {
      const { session, generation, reason } = order
      fake.refreshes.push({ session, generation, reason })
      if (fake.failure) throw fake.failure
      return fake.onRefresh(order)
    },
    async summary() {
      if (fake.failure) throw fake.failure
      return { check: { url: 'https://amazon.example/', expect: { status: 200 }, in: 'http' } }
    },
    async report(worker, report) {
      if (fake.failure) throw fake.failure
      fake.reports.push({ worker, ...report() })
    },
    async *watch({ session, signal, onLink }) {
      links.add(onLink)
      const events: SessionEvent[] = []
      let wake = () => {}
      const listener = (event: SessionEvent) => {
        if (session.includes(event.session)) events.push(event)
        wake()
      }
      listeners.add(listener)
      signal.addEventListener('abort', () => wake(), { once: true })
      while (!signal.aborted) {
        yield* events.splice(0)
        if (signal.aborted) break
        await new Promise<void>((resolve) => {
          wake = resolve
          if (events.length > 0) resolve()
        })
      }
      listeners.delete(listener)
    },
    isFinal: (error) => error instanceof FinalError,
  }
  return { fake, port }
}

/** Who acts in one Chrome, by session: the first of each line. */
export function createTurns() {
  const lines = new Map<string, { worker: object; come: () => void }[]>()
  const lineOf = (session: string) => lines.get(session) ?? []
  const turns = {
    /** What was last put in, by session. */
    notes: new Map<string, IssuedSession>(),
    isMine: (session: string, worker: object) => lineOf(session)[0]?.worker === worker,
    /** @returns whether it has to wait */
    join(session: string, worker: object, come: () => void): boolean {
      lines.set(session, [...lineOf(session), { worker, come }])
      if (turns.isMine(session, worker)) come()
      return !turns.isMine(session, worker)
    },
    /** It leaves, or is dead. */
    leave(session: string, worker: object): void {
      const wasActing = turns.isMine(session, worker)
      lines.set(
        session,
        lineOf(session).filter((one) => one.worker !== worker),
      )
      if (wasActing) lineOf(session)[0]?.come()
    },
    /** Whoever acts was halted for too long. */
    giveAway(session: string): void {
      const [acting] = lineOf(session)
      if (acting) turns.leave(session, acting.worker)
    },
  }
  return turns
}

/** @param turns of several workers with the same Chrome */
export function createChrome(name = 'one', turns = createTurns()) {
  let present: AbortController | undefined = new AbortController()
  const fake = {
    /** What was put in, in order. */
    applied: [] as IssuedSession[],
    /** How often a state was made ready. */
    prepared: 0,
    detached: 0,
    /** What it holds beside what was put in; left out, that alone. */
    jar: undefined as Cookie[] | undefined,
    /** The revisions onto which others were merged. */
    bases: [] as (number | undefined)[],
    /** What is known of the time before, of each. */
    seen: [] as (readonly Cookie[] | undefined)[],
    looks: 0,
    connects: 0,
    /** What a look sees; by default what the state last put in says. */
    see: (_session: IssuedSession | undefined): Verdict | Promise<Verdict> => 'signed_in',
    /** Before it sees. */
    onLook: async (_signal: AbortSignal) => {},
    onApply: async (_state: IssuedSession): Promise<Partial<Applied>> => ({}),
    /** Everything is ready, and nothing changed. */
    onPrepare: async () => {},
    onLead: async () => {},
    /** What others have taken, by site. */
    takenSites: new Map<string, string>(),
    end(reason?: unknown) {
      present?.abort(reason)
      present = undefined
    },
    start() {
      present = new AbortController()
    },
  }

  const port: ChromePort = {
    address: `http://127.0.0.1/${name}`,
    workerId: name,
    async connect() {
      fake.connects += 1
      if (!present) throw new Error('no Chrome answers')
      const { signal } = present
      const chrome: AttachedChrome = {
        product: `Chrome/156 (${name})`,
        gone: signal,
        async lead(session, { signal: waiting, onStandBy }) {
          await fake.onLead()
          const { promise, resolve, reject } = Promise.withResolvers<void>()
          const leave = async () => turns.leave(session, chrome)
          for (const end of [signal, waiting]) end.addEventListener('abort', () => reject(end.reason))
          signal.addEventListener('abort', leave)
          if (turns.join(session, chrome, resolve)) onStandBy({ workerId: `${name}-2`, acting: 'the other' })
          await promise.catch(async (error) => {
            await leave()
            throw error
          })
          return {
            async confirm(goesIn) {
              if (turns.isMine(session, chrome)) {
                if (goesIn) turns.notes.set(session, goesIn)
                return
              }
              fake.end(new StoodDown('it was halted'))
              fake.start()
              signal.throwIfAborted()
            },
            async claim(sites) {
              const site = sites.find((one) => fake.takenSites.has(one))
              const last = turns.notes.get(session)
              return {
                ...(site !== undefined && { overlap: { site, owner: fake.takenSites.get(site) ?? '' } }),
                ...(last && { last }),
              }
            },
            leave,
          }
        },
        async apply({ state, base, seen, mayBegin, beforeSwap, signal: ending }) {
          fake.prepared += 1
          await mayBegin()
          ending.throwIfAborted()
          await fake.onPrepare()
          await beforeSwap()
          const result = await fake.onApply(state)
          if (signal.aborted) throw new Error('Chrome has gone')
          if (result.outcome !== 'refused') {
            fake.applied.push(state)
            fake.bases.push(base?.revision)
            fake.seen.push(seen)
            if (!base) fake.jar = undefined
          }
          return { outcome: 'applied', applyMs: 40, userAgentDiffers: false, ...result }
        },
        async heldCookies(state) {
          if (signal.aborted) throw new Error('Chrome has gone')
          const cookies = fake.jar ?? state.cookies
          const given = new Set(state.cookies.map((cookie) => JSON.stringify(cookie)))
          const changed = cookies.filter((cookie) => !given.has(JSON.stringify(cookie)))
          return { cookies, changed: changed.map(({ name }) => name) }
        },
        async look(_check, signal) {
          fake.looks += 1
          await fake.onLook(signal)
          return fake.see(fake.applied.at(-1))
        },
        async detach() {
          fake.detached += 1
        },
      }
      return chrome
    },
  }
  return { fake, port, turns, generations: () => fake.applied.map(({ generation }) => generation) }
}
