import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type Cookie, ProblemError, type RefreshResult, type SessionState } from '@session-broker/shared'
import type { Test } from 'tap'
import { openEmbeddedStore } from '../../../apps/broker/src/backend/embedded/embedded-store.ts'
import { createLocalMutex } from '../../../apps/broker/src/mutex/local-mutex.ts'
import { createNoteSealer } from '../../../apps/broker/src/seal/note-sealer.ts'
import { sealingKey } from '../../../apps/broker/src/seal/sealing-key.ts'
import { createStateSealer } from '../../../apps/broker/src/seal/state-sealer.ts'
import { answerChallenge } from '../../../apps/broker/src/session/challenge/answer-challenge.ts'
import { createAskPerson } from '../../../apps/broker/src/session/challenge/ask-person.ts'
import { readChallenge } from '../../../apps/broker/src/session/challenge/read-challenge.ts'
import { createRefresher } from '../../../apps/broker/src/session/join-refresh.ts'
import { createLoginSlots } from '../../../apps/broker/src/session/login-slots.ts'
import type { ChallengeBoard } from '../../../apps/broker/src/session/ports/challenge-board.ts'
import type { ChallengeNotice } from '../../../apps/broker/src/session/ports/challenge-notifier.ts'
import type { Clock } from '../../../apps/broker/src/session/ports/clock.ts'
import type { LoginMutex } from '../../../apps/broker/src/session/ports/login-mutex.ts'
import type { SessionStore } from '../../../apps/broker/src/session/ports/session-store.ts'
import type { SiteLogin } from '../../../apps/broker/src/session/ports/site-login.ts'
import type { SiteLook } from '../../../apps/broker/src/session/ports/site-look.ts'
import {
  type Capture,
  type PublishedCapture,
  publishCapture,
} from '../../../apps/broker/src/session/publish-capture.ts'
import type { RefreshCause } from '../../../apps/broker/src/session/run-refresh.ts'
import type { SessionDefinition } from '../../../apps/broker/src/session/session-definition.ts'
import { openSessionMirror } from '../../../apps/broker/src/session/session-mirror.ts'
import { summaryOf } from '../../../apps/broker/src/session/summarize-session.ts'
import { createCheckTrial } from '../../../apps/broker/src/session/try-check.ts'
import { writeBack } from '../../../apps/broker/src/session/write-back.ts'
import { createManualClock } from '../http/manual-clock.ts'
import { defineSession, silentLog } from './define-session.ts'

const check = { url: 'https://shop.example/', expect: { status: 200 }, in: 'http' } as const
const keys = [sealingKey(Buffer.alloc(32, 7))]
const sealer = createStateSealer({ keys })
const notes = createNoteSealer({ keys })

/** A site whose sign-in does what a test says, and that knows the session of its last one, and those of people since. */
interface ScriptedSite {
  logIn: SiteLogin
  look: SiteLook
  /** How many sign-ins were begun there. */
  logins(): number
  /** What the next sign-ins come to; left out, they succeed. */
  script(login?: SiteLogin): void
  /** A person signs in there. @returns what their browser then holds. */
  signInByHand(): SessionState
  /** It knows whoever shows `sid` with this value. */
  know(value: string): void
  /** What happens while it is looked at; what it gives is what the site makes of the state. */
  whileLooking(work: (state: SessionState) => SessionState | Promise<SessionState>): void
  /** How many looked at once, at most. */
  mostLooks(): number
  /** It forgets the session. */
  forget(): void
}

function createScriptedSite(): ScriptedSite {
  const known = new Set<string>()
  let logins = 0
  let byHand = 0
  let looks = 0
  let mostLooks = 0
  let whileLooking = async (state: SessionState) => state

  function signedIn(userAgent: string): SessionState {
    known.add(userAgent)
    return { userAgent, cookies: [], origins: [] }
  }

  const succeed: SiteLogin = async (job) => {
    await job.requestPermit()
    job.confirmPermit()
    known.clear()
    return job.prove({ state: signedIn(`login-${logins}`), landedUrl: check.url })
  }
  let current = succeed

  return {
    logIn: (job) => {
      logins += 1
      return current(job)
    },
    look: async ({ state, url }) => {
      if (!state) return { sighting: { status: 401, finalUrl: url, body: '' } }
      looks += 1
      mostLooks = Math.max(mostLooks, looks)
      const sid = state.cookies.find(({ name }) => name === 'sid')
      const isKnown = known.has(sid?.value ?? state.userAgent)
      const after = await whileLooking(state).finally(() => {
        looks -= 1
      })
      return { sighting: { status: isKnown ? 200 : 401, finalUrl: url, body: '' }, state: after }
    },
    logins: () => logins,
    script: (login = succeed) => {
      current = login
    },
    signInByHand() {
      byHand += 1
      return signedIn(`by-hand-${byHand}`)
    },
    know: (value) => void known.add(value),
    whileLooking(work) {
      whileLooking = async (state) => work(state)
    },
    mostLooks: () => mostLooks,
    forget: () => known.clear(),
  }
}

interface Replica {
  refresh(cause?: RefreshCause): Promise<RefreshResult>
  /** `PUT /session/cookies`; left out, in the place of the state that this broker knows. */
  capture(state: SessionState, inPlaceOf?: Capture['inPlaceOf']): Promise<PublishedCapture>
  /** The same, as the next revision. */
  writeBack(cookies: Cookie[], inPlaceOf?: Capture['inPlaceOf']): Promise<PublishedCapture>
  /** The problem that it ends with. */
  problem(cause?: RefreshCause): Promise<ProblemError>
  /** `GET /session`, once what the store has is read. */
  summary(): Promise<ReturnType<typeof summaryOf>>
  /** The generation that is served. */
  served(): number | undefined
  /** The value of its cookie. */
  sid(): string | undefined
  /** Ends what runs, as a broker that stops does. */
  stop(): void
}

/** The real refresher and mirror of one broker, over the given store. */
async function startReplica(
  t: Test,
  given: {
    store: SessionStore & ChallengeBoard
    mutex: LoginMutex
    clock: Clock
    site: ScriptedSite
    definition: SessionDefinition
    /** What people were told outside. */
    notices: ChallengeNotice[]
  },
): Promise<Replica> {
  const { store, mutex, clock, site, definition } = given
  const { session } = definition
  const mirror = await openSessionMirror({ definitions: [definition], store, sealer, clock, log: silentLog })
  t.teardown(() => mirror.close())
  const stopping = new AbortController()
  const presence = { awayForMs: () => undefined }
  const parts = {
    ...{ store, mutex, clock, mirror, sealer, look: site.look },
    newMark: () => randomUUID(),
    newOperationId: () => `${session}.${randomUUID()}`,
  }
  const refresher = createRefresher({
    ...{ ...parts, presence, log: silentLog, siteLogin: site.logIn },
    slots: createLoginSlots(1),
    askPersonFor: (login) =>
      createAskPerson(
        {
          ...{ board: store, notes, clock, log: silentLog, newChallengeId: randomUUID },
          notify: async (notice) => void given.notices.push(notice),
        },
        login,
      ),
    stopping: stopping.signal,
  })

  async function refresh(cause: RefreshCause = 'caller'): Promise<RefreshResult> {
    const ticket = await refresher.refresh({ session, cause })
    return ticket.done ?? ticket.result
  }

  return {
    refresh,
    async capture(state, inPlaceOf = [mirror.get(session).version]) {
      return publishCapture(
        { ...parts, notes, tryCheck: createCheckTrial(site.look) },
        { definition, state, inPlaceOf, signal: stopping.signal },
      )
    },
    async writeBack(cookies, inPlaceOf = [mirror.get(session).version]) {
      return writeBack(
        { ...parts, tryCheck: createCheckTrial(site.look) },
        { definition, cookies, inPlaceOf, signal: stopping.signal },
      )
    },
    async problem(cause) {
      const result = await refresh(cause).catch((error: unknown) => error)
      if (result instanceof ProblemError) return result
      throw new Error(`no problem, but ${JSON.stringify(result)}`)
    },
    async summary() {
      return summaryOf(await mirror.reload(session), { clock, presence })
    },
    served: () => mirror.get(session).issued?.generation,
    sid: () => mirror.get(session).issued?.cookies.find(({ name }) => name === 'sid')?.value,
    stop: () => stopping.abort(new Error('the broker is stopping')),
  }
}

type PersonSays = { code: string } | { done: true } | { giveUp: true } | { press: 'Enter' }

let accounts = 0

/** Generous, but not without end. */
export const scriptedBudget = { loginsPerDay: 10, failedPerDay: 3 }

/** A session in generation 1 that the site has forgotten, at two brokers over one store. */
export async function startSession(
  t: Test,
  { store, clock }: { store: SessionStore & ChallengeBoard; clock: Clock },
  { mutex = createLocalMutex(), ...part }: Partial<SessionDefinition> & { mutex?: LoginMutex } = {},
) {
  accounts += 1
  const secret = { now: 'first' }
  const site = createScriptedSite()
  const definition = defineSession({
    account: `acct-${process.pid}-${accounts}`,
    budget: scriptedBudget,
    check,
    credentials: async () => ({ username: 'alice', password: secret.now, tag: `tag-of-${secret.now}` }),
    ...part,
  })
  const notices: ChallengeNotice[] = []
  const all = { store, mutex, clock, site, definition, notices }
  const broker = await startReplica(t, all)
  const other = await startReplica(t, all)
  t.match(await broker.refresh(), { generation: 1 })
  site.forget()
  /** What a person says to the challenge that is open; false where there is none. */
  async function say(answer: PersonSays): Promise<boolean> {
    const open = await readChallenge({ board: store, notes }, definition)
    if (!open) return false
    await answerChallenge({ board: store, notes }, definition, { id: open.challenge.id, ...answer })
    return true
  }
  return { broker, other, site, definition, secret, notices, say }
}

/** A real embedded store whose time is the test's. */
export async function openGround(t: Test) {
  const folder = await mkdtemp(join(tmpdir(), 'scripted-site-test-'))
  const clock = createManualClock()
  const store = openEmbeddedStore({ folder, now: () => clock.now() })
  t.teardown(async () => {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })
  /** Lets time pass until the work is done. */
  async function passing<T>(work: Promise<T>): Promise<T> {
    const over = new AbortController()
    const end = () => over.abort()
    work.then(end, end)
    for (let seconds = 0; !over.signal.aborted; seconds++) {
      if (seconds > 600) throw new Error('it took longer than ten minutes')
      for (let turn = 0; turn < 20; turn++) await setImmediate()
      if (!over.signal.aborted) clock.advance(1_000)
    }
    return work
  }
  return { store, clock, passing }
}
