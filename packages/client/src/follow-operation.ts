import {
  fromProblem,
  type Operation,
  operationSchema,
  ProblemError,
  type RefreshResult,
} from '@session-broker/shared'
import { BrokerUnreachableError, UnexpectedAnswerError } from './broker-errors.ts'
import type { Answer, CallBroker } from './call-broker.ts'
import { createBackOff, waitFor } from './waiting.ts'

/** Waits for the operation that a 202 points to. Throws what it failed with. */
export type FollowOperation = (accepted: Answer, signal?: AbortSignal) => Promise<RefreshResult>

export interface Following {
  call: CallBroker
  random: () => number
  /** How often to ask. */
  everyMs: number
  /** How long to ask: a login and the wait for an earlier one's permit end before. */
  withinMs: number
}

export function createOperationFollower({ call, random, everyMs, withinMs }: Following): FollowOperation {
  return async (accepted, callerSignal) => {
    const id = operationIdOf(accepted)
    const bound = AbortSignal.timeout(withinMs)
    const signal = callerSignal ? AbortSignal.any([callerSignal, bound]) : bound
    const away = createBackOff({ firstMs: everyMs, longestMs: 10 * everyMs, random })
    try {
      for (;;) {
        const end = endOf(await readUnlessAway(call, id, signal))
        if (end) return end
        await waitFor(everyMs / 2 + away.nextMs() / 2, signal)
      }
    } catch (error) {
      if (callerSignal?.aborted || !bound.aborted) throw error
      throw new ProblemError(
        'operation_lost',
        'the login has not ended in the time that it may take; ask again',
      )
    }
  }
}

/** Only the id is taken from `Location`: the key goes to no address that an answer names. */
function operationIdOf({ header }: Answer): string {
  const id = /\/operations\/([^/?#]+)$/.exec(header('location') ?? '')?.[1]
  if (!id)
    throw new UnexpectedAnswerError('the broker accepted a refresh without saying where it can be followed')
  return id
}

/** A broker that restarts meanwhile is waited for: the operation's record outlives it. */
async function readUnlessAway(
  call: CallBroker,
  id: string,
  signal: AbortSignal,
): Promise<Operation | undefined> {
  try {
    const { body } = await call({ method: 'GET', path: `operations/${id}`, signal })
    return operationSchema.parse(body)
  } catch (error) {
    if (error instanceof BrokerUnreachableError) return undefined
    throw error
  }
}

function endOf(operation: Operation | undefined): RefreshResult | undefined {
  if (!operation || operation.status === 'running') return undefined
  if (operation.result) return operation.result
  if (operation.problem) throw fromProblem(operation.problem)
  throw new ProblemError('internal', 'the refresh failed without a reason')
}
