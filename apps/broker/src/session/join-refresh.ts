import { type Operation, ProblemError, type RefreshResult, toProblem } from '@session-broker/shared'
import type { OperationRecord } from './ports/session-store.ts'
import { type RefreshCause, type RunDependencies, runRefresh } from './run-refresh.ts'
import type { SessionDefinition } from './session-definition.ts'
import type { StorePresence } from './store-presence.ts'
import { createCheckTrial } from './try-check.ts'
import { withDeadline } from './with-deadline.ts'

export interface RefreshDependencies extends Omit<RunDependencies, 'tryCheck'> {
  presence: Pick<StorePresence, 'awayForMs'>
  newOperationId: (session: string) => string
  /** Ends every refresh that runs. */
  stopping: AbortSignal
}

export interface RefreshOrder {
  session: string
  /** The generation that was seen to fail; left out: the current one. */
  generation?: number
  /** Left out: `caller`. */
  cause?: RefreshCause
}

/** Either done at once, or a refresh under way that others may have joined. */
export type RefreshTicket =
  | { done: RefreshResult; result?: undefined }
  | { done?: undefined; operationId: string; result: Promise<RefreshResult> }

interface Flight {
  operationId: string
  seen: number
  cause: RefreshCause
  result: Promise<RefreshResult>
}

const operationKeptMs = 60 * 60 * 1000

/**
 * `POST /session/refresh` without its HTTP: answers at once where a newer generation exists, otherwise joins the flight
 * of this session or starts one. A flight belongs to nobody: it goes on when its callers hang up.
 */
export function createRefresher(given: RefreshDependencies) {
  const dependencies = { ...given, tryCheck: createCheckTrial(given.look) }
  const { mirror, presence } = dependencies
  const flights = new Map<string, Flight>()

  async function refresh(order: RefreshOrder): Promise<RefreshTicket> {
    const { session, cause = 'caller' } = order
    let known = mirror.get(session)
    if ((order.generation ?? 0) > known.generation) known = await mirror.reload(session)
    const seen = order.generation ?? known.generation
    if (seen > known.generation) {
      throw new ProblemError(
        'generation_ahead',
        `generation ${seen} of ${session} does not exist: the newest is ${known.generation}`,
      )
    }
    if (seen < known.generation && known.issued && cause !== 'operator') {
      return { done: { session, generation: known.generation, revision: known.revision, outcome: 'newer' } }
    }
    if (presence.awayForMs() !== undefined) throw storeAway()
    return join(known.definition, seen, cause)
  }

  function join(definition: SessionDefinition, seen: number, cause: RefreshCause): RefreshTicket {
    const { session } = definition
    const running = flights.get(session)
    if (running && running.seen >= seen && covers(running.cause, cause)) return running
    const flight = takeOff(dependencies, { definition, seen, cause, after: running?.result })
    flights.set(session, flight)
    const land = () => flights.get(session) === flight && flights.delete(session)
    flight.result.then(land, land)
    return flight
  }

  return { refresh, inFlight: () => [...flights.values()].map(({ result }) => result) }
}

export type Refresher = ReturnType<typeof createRefresher>

/** Whether a flight with one cause does all that is wanted for another: what nobody waits for may do less. */
function covers(running: RefreshCause, wanted: RefreshCause): boolean {
  const reach = { scheduled_check: 0, scheduled_renewal: 1, caller: 1, person: 2, operator: 3 }
  return running === wanted || reach[running] > reach[wanted]
}

function storeAway(): ProblemError {
  return new ProblemError('store_unavailable', 'the store does not answer: no login is made without it', {
    retryAfterSeconds: 2,
  })
}

interface TakeOff {
  definition: SessionDefinition
  seen: number
  cause: RefreshCause
  after: Promise<unknown> | undefined
}

function takeOff(
  dependencies: RefreshDependencies & RunDependencies,
  { definition, seen, cause, after }: TakeOff,
): Flight {
  const { newOperationId, stopping, clock, log } = dependencies
  const { session } = definition
  const operationId = newOperationId(session)
  // The wait for a crashed broker's permit, then a login of one's own with what people take, then some for the checks.
  const boundMs = 2 * definition.loginTimeoutMs + definition.challenge.timeoutMs + 30_000
  const record: OperationRecord = {
    operation: {
      id: operationId,
      session,
      status: 'running',
      startedAt: new Date(clock.now()).toISOString(),
    },
    endsByMs: clock.now() + boundMs,
  }
  async function fly(): Promise<RefreshResult> {
    await after?.catch(() => undefined)
    await save(dependencies, definition, record)
    try {
      const renewal = await withDeadline({ clock, ms: boundMs, signal: stopping }, (signal) =>
        runRefresh(dependencies, { definition, seen, cause, operationId, signal }).catch((error) => {
          throw signal.aborted ? givenUp(error) : error
        }),
      )
      const result: RefreshResult = { session, ...renewal }
      await save(dependencies, definition, ended(record, { status: 'succeeded', result }))
      return result
    } catch (error) {
      const problem = asProblem(error)
      if (problem.code === 'internal') log.error({ session, operationId, error }, 'a refresh failed')
      const failed = { status: 'failed', problem: toProblem(problem) } as const
      await save(dependencies, definition, ended(record, failed))
      throw problem
    }
  }

  const result = fly()
  // Nobody may be waiting any more; the failure stands in the operation.
  result.catch(() => undefined)
  return { operationId, seen, cause, result }
}

/** An operation's record is for those who ask later: a store that is away does not fail the refresh itself here. */
async function save(
  { store, log }: RefreshDependencies,
  definition: SessionDefinition,
  record: OperationRecord,
): Promise<void> {
  const { id, session } = record.operation
  await store
    .saveOperation(definition, record, operationKeptMs)
    .catch((error) => log.warn({ session, operationId: id, error }, 'an operation could not be stored'))
}

function ended(record: OperationRecord, end: Partial<Operation>): OperationRecord {
  return { ...record, operation: { ...record.operation, ...end } }
}

function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  return new ProblemError('internal', 'the broker made a mistake; its log says more', { cause: error })
}

/** An abort comes out of whatever waited just then. */
function givenUp(cause: unknown): ProblemError {
  if (cause instanceof ProblemError) return cause
  const why = 'the refresh was given up: the broker stopped, or it took too long'
  return new ProblemError('login_abandoned', why, { cause })
}
