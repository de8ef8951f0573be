import { ProblemError } from '@session-broker/shared'
import type { SessionPlace, SessionStore } from '../../../../apps/broker/src/session/ports/session-store.ts'
import type { Ledger } from './ledger.ts'
import { contentOf } from './plain-sealer.ts'
import type { SimulatedProcess, TakeTurn } from './simulated-process.ts'

/** `unsent`: it never happens. `unanswered`: it has happened, and the broker never learns how it went. */
export type StoreFault = 'unsent' | 'unanswered'

export interface ConnectionOptions {
  /** The real one, at which everything arrives whole. */
  store: SessionStore
  process: SimulatedProcess
  takeTurn: TakeTurn
  ledger: Ledger
  /** What goes wrong with the next call. */
  nextFault: () => StoreFault | undefined
}

/**
 * One broker's connection: calls arrive in the order in which they were sent, their answers in whatever order the broker
 * comes to them. What was sent arrives even if its sender has died meanwhile.
 */
export function connectStore({
  store,
  process,
  takeTurn,
  nextFault,
  ...rest
}: ConnectionOptions): SessionStore {
  const { name } = process
  let arrived: Promise<unknown> = Promise.resolve()

  function call<T>(what: string, act: () => Promise<T>): Promise<T> {
    const fault = nextFault()
    const arrival = arrived.then(async () => {
      await takeTurn(`${name} ${what} arrives`)
      if (fault !== 'unsent') return act()
      throw away()
    })
    arrived = arrival.catch(() => undefined)
    return answer(what, arrival, fault)
  }

  async function answer<T>(what: string, arrival: Promise<T>, fault: StoreFault | undefined): Promise<T> {
    const result = await arrival.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    )
    await process.step(`${what} is answered`)
    if ('error' in result) throw result.error
    if (fault === 'unanswered') throw away()
    return result.value
  }

  return { ...onConnection(store, call), ...witnessed({ store, process, ...rest }, call), watch, close }

  function watch(listener: (session: string | undefined) => void): () => void {
    return store.watch((session) => void process.step(`hears of ${session}`).then(() => listener(session)))
  }

  /** The real one serves others, too. */
  function close(): Promise<void> {
    return Promise.resolve()
  }
}

type Call = <T>(what: string, act: () => Promise<T>) => Promise<T>

function away(): ProblemError {
  return new ProblemError('store_unavailable', 'the connection broke')
}

function onConnection(store: SessionStore, call: Call): Omit<SessionStore, Witnessed | 'watch' | 'close'> {
  return {
    read: (place) => call('read', () => store.read(place)),
    forgetSession: (place, known) => call('forget', () => store.forgetSession(place, known)),
    abandonLogin: (place, login) => call('abandon', () => store.abandonLogin(place, login)),
    claimCode: (place, window) => call('code', () => store.claimCode(place, window)),
    recordCheck: (place, check) => call('check', () => store.recordCheck(place, check)),
    saveOperation: (place, record, keepMs) =>
      call('operation', () => store.saveOperation(place, record, keepMs)),
    readOperation: (place, id) => call('operation', () => store.readOperation(place, id)),
    ping: () => call('ping', () => store.ping()),
  }
}

type Witnessed =
  | 'beginLogin'
  | 'grantPermit'
  | 'commitLogin'
  | 'publishCapture'
  | 'failLogin'
  | 'resetLogins'
  | 'writeRevision'

type Witness = Pick<ConnectionOptions, 'store' | 'process' | 'ledger'>

/** The calls that the ledger has to know of, written down as they happen at the store. */
function witnessed({ store, process, ledger }: Witness, call: Call): Pick<SessionStore, Witnessed> {
  const noteStored = async (place: SessionPlace, wasAt: string | undefined) => {
    const { stored } = await store.read(place)
    if (!stored || stored.mark === wasAt) return
    const { generation, revision, sealed } = stored
    ledger.stored(place.session, { generation, revision, content: contentOf(sealed) })
  }
  const markOf = async (place: SessionPlace) => (await store.read(place)).stored?.mark

  async function publishing<T>(place: SessionPlace, publish: () => Promise<T>): Promise<T> {
    const wasAt = await markOf(place)
    const answer = await publish()
    await noteStored(place, wasAt)
    return answer
  }

  return {
    beginLogin: (place, login) =>
      call('begin', async () => {
        const answer = await store.beginLogin(place, login)
        const { credentialsTag: tag, force } = login
        if (answer.begun) ledger.begun({ fence: answer.fence, tag, force })
        return answer
      }),
    grantPermit: (place, permit) =>
      call('permit', async () => {
        const answer = await store.grantPermit(place, permit)
        if (answer === 'granted') ledger.granted(process, permit)
        return answer
      }),
    commitLogin: (place, login) =>
      call('commit', async () => {
        const wasAt = await markOf(place)
        const answer = await store.commitLogin(place, login)
        await noteStored(place, wasAt)
        ledger.settled(login.fence, true)
        if (answer === 'committed' && wasAt !== login.mark) ledger.closed()
        return answer
      }),
    publishCapture: (place, capture) =>
      call('capture', () => publishing(place, () => store.publishCapture(place, capture))),
    failLogin: (place, report) =>
      call('fail', async () => {
        const { attempt } = await store.read(place)
        const isRunning = attempt?.phase === 'begun' || attempt?.phase === 'permitted'
        await store.failLogin(place, report)
        ledger.settled(report.fence, false)
        const tag = report.breaker?.credentialsTag
        if (tag && isRunning && attempt.fence === report.fence) ledger.rejected(tag)
      }),
    resetLogins: (place) =>
      call('reset', async () => {
        await store.resetLogins(place)
        ledger.closed()
      }),
    writeRevision: (place, change) =>
      call('revision', () => publishing(place, () => store.writeRevision(place, change))),
  }
}
