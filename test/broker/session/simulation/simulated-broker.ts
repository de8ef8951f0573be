import type { Cookie, SessionState } from '@session-broker/shared'
import { createRefresher } from '../../../../apps/broker/src/session/join-refresh.ts'
import { keepFresh } from '../../../../apps/broker/src/session/keep-fresh.ts'
import { createLoginSlots } from '../../../../apps/broker/src/session/login-slots.ts'
import type { ChallengeBoard } from '../../../../apps/broker/src/session/ports/challenge-board.ts'
import type { LoginMutex } from '../../../../apps/broker/src/session/ports/login-mutex.ts'
import type { NoteSealer, SealedNote } from '../../../../apps/broker/src/session/ports/note-sealer.ts'
import type { SessionStore } from '../../../../apps/broker/src/session/ports/session-store.ts'
import type { LookRequest } from '../../../../apps/broker/src/session/ports/site-look.ts'
import type { StateSealer } from '../../../../apps/broker/src/session/ports/state-sealer.ts'
import { publishCapture } from '../../../../apps/broker/src/session/publish-capture.ts'
import type { InPlaceOf } from '../../../../apps/broker/src/session/require-replaced.ts'
import type { SessionDefinition } from '../../../../apps/broker/src/session/session-definition.ts'
import { openSessionMirror } from '../../../../apps/broker/src/session/session-mirror.ts'
import { createCheckTrial } from '../../../../apps/broker/src/session/try-check.ts'
import { writeBack } from '../../../../apps/broker/src/session/write-back.ts'
import { silentLog } from '../define-session.ts'
import type { Ledger } from './ledger.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { createSite } from './simulated-site.ts'

const nobody = () => Promise.reject(new Error('nobody is asked here'))
const nobodyIsAsked: ChallengeBoard = {
  ...{ openChallenge: nobody, readChallenge: nobody, showPicture: nobody },
  ...{ giveAnswer: nobody, takeAnswers: nobody, closeChallenge: nobody },
}
const noNotes: NoteSealer = {
  seal: (text) => text as SealedNote,
  unseal: (sealed) => sealed,
}

export interface BrokerParts {
  process: SimulatedProcess
  store: SessionStore
  mutex: LoginMutex
  sealer: StateSealer
  definitions: readonly SessionDefinition[]
  site: ReturnType<typeof createSite>
  ledger: Ledger
  newId: () => string
  hasUpkeep: boolean
}

/** The real lifecycle in a process of its own: refreshes, logins, mirror and upkeep; all around it is simulated. */
export async function startSimulatedBroker(parts: BrokerParts) {
  const { process, store, mutex, sealer, definitions, site, ledger, newId, hasUpkeep } = parts
  const { clock } = process
  const log = silentLog
  const mirror = await openSessionMirror({ definitions, store, sealer, clock, log })
  const newest = new Map<string, readonly [number, number]>()
  mirror.onChange(({ definition: { session }, generation, revision }) => {
    const [newestGeneration, newestRevision] = newest.get(session) ?? [0, 0]
    const isBack =
      generation < newestGeneration || (generation === newestGeneration && revision < newestRevision)
    if (isBack) ledger.blame(`a reader of ${process.name} went back to ${generation}.${revision}`)
    newest.set(session, [generation, revision])
  })
  const byName = new Map(definitions.map((definition) => [definition.session, definition]))
  const look = (request: LookRequest) => site.look(process, request)
  const newOperationId = (session: string) => `${session}.${newId()}`
  const handingIn = {
    ...{ sealer, mutex, mirror, clock, look, tryCheck: createCheckTrial(look), newMark: newId },
    ...{ store: { ...store, ...nobodyIsAsked }, notes: noNotes },
    newOperationId,
  }

  /** As a request would, which ends with the broker. */
  function order(session: string) {
    const definition = byName.get(session)
    if (!definition) throw new Error(`the session ${session} is not configured`)
    return { definition, signal: givingUp.signal }
  }

  const stopping = new AbortController()
  const givingUp = new AbortController()
  const slots = createLoginSlots(1)
  const refresher = createRefresher({
    ...{ store, sealer, mutex, mirror, clock, log },
    siteLogin: (job) => site.logIn(process, job),
    look,
    slots,
    presence: { awayForMs: () => undefined },
    askPersonFor: () => nobody,
    newMark: newId,
    newOperationId,
    stopping: givingUp.signal,
  })
  const upkeep = hasUpkeep
    ? keepFresh({ mirror, refresher, clock, stopping: stopping.signal })
    : Promise.resolve()

  return {
    process,
    mirror,
    refresher,
    slots,
    capture: (given: { session: string; state: SessionState; inPlaceOf: InPlaceOf }) =>
      publishCapture(handingIn, { ...given, ...order(given.session) }),
    writeBack: (given: { session: string; cookies: Cookie[]; inPlaceOf: InPlaceOf }) =>
      writeBack(handingIn, { ...given, ...order(given.session) }),
    isStopped: () => givingUp.signal.aborted,
    /** Gives up what it does. */
    giveUp(): void {
      stopping.abort()
      givingUp.abort(new Error('the broker is stopping'))
    },
    endUpkeep: () => stopping.abort(),
    /** Resolves when what flies has come to its end. */
    async stop(): Promise<void> {
      stopping.abort()
      await Promise.all([upkeep, ...refresher.inFlight().map((flight) => flight.catch(() => undefined))])
    },
  }
}

export type SimulatedBroker = Awaited<ReturnType<typeof startSimulatedBroker>>
