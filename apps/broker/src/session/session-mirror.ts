import type { IssuedSession, SessionStatus } from '@session-broker/shared'
import type { Clock } from './ports/clock.ts'
import type { Log } from './ports/log.ts'
import type { SessionStore, Snapshot, StoredSession } from './ports/session-store.ts'
import type { SealableState, StateSealer } from './ports/state-sealer.ts'
import { predictExpiry } from './predict-expiry.ts'
import type { SessionDefinition } from './session-definition.ts'

/** One session as this process knows it: what the store holds, opened. Never changed, only replaced. */
export interface MirroredSession {
  definition: SessionDefinition
  snapshot: Snapshot
  status: SessionStatus
  generation: number
  revision: number
  /** Absent where there is no state. */
  content?: SealableState
  /** What readers get; absent where there is no state. */
  issued?: IssuedSession
  /** Names exactly these bytes, for ETags. */
  version: string
  /** When the store made the snapshot, by the monotonic clock: half-way between question and answer. */
  readAtMs: number
}

/** What the store's clock says now, as far as the last reading tells. */
export function storeNowMs(
  { snapshot, readAtMs }: MirroredSession,
  clock: Pick<Clock, 'monotonicMs'>,
): number {
  return snapshot.nowMs + (clock.monotonicMs() - readAtMs)
}

/** The sessions in memory, so that reading never waits for the store. */
export interface SessionMirror {
  /** @throws where the session is not configured: callers have looked it up by `names`. */
  get(name: string): MirroredSession
  names(): readonly string[]
  /** Reads the session anew from the store. */
  reload(name: string): Promise<MirroredSession>
  onChange(listener: (session: MirroredSession) => void): () => void
  /** Resolves with the first state that fits, at once or after a change; undefined when the signal ends the wait. */
  waitUntil(
    name: string,
    fits: (session: MirroredSession) => boolean,
    signal: AbortSignal,
  ): Promise<MirroredSession | undefined>
  close(): void
}

export interface MirrorDependencies {
  definitions: readonly SessionDefinition[]
  store: SessionStore
  sealer: StateSealer
  clock: Clock
  log: Log
}

const firstRetryMs = 100
const longestRetryMs = 2_000

/** Loads every session and follows the store from then on. @throws `store_unavailable`, `state_unreadable`. */
export async function openSessionMirror(dependencies: MirrorDependencies): Promise<SessionMirror> {
  const { definitions, store, sealer, clock, log } = dependencies
  const byName = new Map(definitions.map((definition) => [definition.session, absent(definition)]))
  const listeners = new Set<(session: MirroredSession) => void>()

  function get(name: string): MirroredSession {
    const session = byName.get(name)
    if (!session) throw new Error(`the session ${name} is not configured`)
    return session
  }

  let readings = 0
  const newestReading = new Map<string, number>()

  async function reload(name: string): Promise<MirroredSession> {
    const { definition } = get(name)
    const reading = ++readings
    const askedAtMs = clock.monotonicMs()
    const snapshot = await store.read(definition)
    const readAtMs = (askedAtMs + clock.monotonicMs()) / 2
    const known = get(name)
    // A reading that was overtaken by a later one must not bring back what that has replaced.
    if (reading < (newestReading.get(name) ?? 0)) return known
    newestReading.set(name, reading)
    const next = { ...mirrored(definition, snapshot, known, sealer), readAtMs }
    byName.set(name, next)
    if (describesSame(known, next)) return next
    for (const listener of [...listeners]) listener(next)
    return next
  }

  const closing = new AbortController()

  /** What was announced is read, however long the store does not answer: no other announcement may come. */
  async function follow(name: string): Promise<void> {
    for (let ms = firstRetryMs; !closing.signal.aborted; ms = Math.min(2 * ms, longestRetryMs)) {
      try {
        await reload(name)
        return
      } catch (error) {
        // Once: the store's absence is told by who watches it.
        if (ms === firstRetryMs) log.warn({ session: name, error }, 'a change could not be read')
      }
      await clock.wait(ms, closing.signal)
    }
  }
  /** The sessions of one account share their logins, so what is told of one concerns them all. */
  function concerned(name: string | undefined): string[] {
    if (name === undefined) return [...byName.keys()]
    const account = byName.get(name)?.definition.account
    return definitions.filter((each) => each.account === account).map(({ session }) => session)
  }
  const unwatch = store.watch((name) => {
    for (const each of concerned(name)) void follow(each)
  })

  function onChange(listener: (session: MirroredSession) => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  function waitUntil(
    name: string,
    fits: (session: MirroredSession) => boolean,
    signal: AbortSignal,
  ): Promise<MirroredSession | undefined> {
    const now = get(name)
    if (fits(now)) return Promise.resolve(now)
    if (signal.aborted) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const finish = (session?: MirroredSession) => {
        stop()
        signal.removeEventListener('abort', giveUp)
        resolve(session)
      }
      const giveUp = () => finish()
      const stop = onChange((session) => {
        if (session.definition.session === name && fits(session)) finish(session)
      })
      signal.addEventListener('abort', giveUp)
    })
  }

  const mirror: SessionMirror = {
    get,
    names: () => [...byName.keys()],
    reload,
    onChange,
    waitUntil,
    close() {
      closing.abort()
      unwatch()
    },
  }
  await Promise.all(mirror.names().map(reload)).catch((error) => {
    mirror.close()
    throw error
  })
  return mirror
}

const nothingKnown = {
  rotates: false,
  lifetimesMs: [],
  submissions: [],
  challengedAtMs: [],
  failuresInRow: 0,
}

function absent(definition: SessionDefinition): MirroredSession {
  const snapshot = { ...nothingKnown, generation: 0, nowMs: 0 }
  return { definition, snapshot, status: 'absent', generation: 0, revision: 0, version: '0.0', readAtMs: 0 }
}

function mirrored(
  definition: SessionDefinition,
  snapshot: Snapshot,
  known: MirroredSession,
  sealer: StateSealer,
): Omit<MirroredSession, 'readAtMs'> {
  const { stored, generation } = snapshot
  if (!stored) {
    return { definition, snapshot, status: 'absent', generation, revision: 0, version: `${generation}.0` }
  }
  const { session } = definition
  const { revision } = stored
  const version = versionOf(stored)
  const content =
    known.content && known.version === version
      ? known.content
      : sealer.unseal(stored.sealed, { session, generation, revision })
  const issued: IssuedSession =
    known.issued && known.version === version
      ? known.issued
      : {
          session,
          generation,
          revision,
          obtainedAt: new Date(stored.obtainedAtMs).toISOString(),
          expiresAt: predictExpiry(content.state, snapshot)?.at ?? null,
          ...content.state,
        }
  return {
    definition,
    snapshot,
    status: statusOf(stored.verdict),
    generation,
    revision,
    content,
    issued,
    version,
  }
}

/** Names exactly this state, at every broker: `generation.revision-mark`. */
export function versionOf({
  generation,
  revision,
  mark,
}: Pick<StoredSession, 'generation' | 'revision' | 'mark'>): string {
  return `${generation}.${revision}-${mark}`
}

function statusOf(verdict: 'signed_in' | 'signed_out' | 'unclear'): SessionStatus {
  return verdict === 'signed_in' ? 'live' : verdict === 'signed_out' ? 'dead' : 'unknown'
}

function describesSame(a: MirroredSession, b: MirroredSession): boolean {
  const [before, after] = [a.snapshot.attempt, b.snapshot.attempt]
  return (
    a.version === b.version &&
    a.status === b.status &&
    before?.fence === after?.fence &&
    before?.phase === after?.phase
  )
}
