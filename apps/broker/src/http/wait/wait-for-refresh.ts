import { type Operation, ProblemError, type RefreshResult } from '@session-broker/shared'
import type { FastifyReply } from 'fastify'
import type { RefreshOrder } from '../../session/join-refresh.ts'
import { readOperation } from '../../session/read-operation.ts'
import type { RouteContext } from '../routes/route-context.ts'
import { boundWait, within } from './bounded-wait.ts'

export const usualWaitSeconds = 25

/**
 * Joins or starts a refresh and waits for it, for as long as this caller wants to; the refresh goes on without it.
 * @returns its result, or the operation that still runs.
 * @throws ProblemError: the refresh's own, or `shutting_down`.
 */
export async function waitForRefresh(
  context: RouteContext,
  reply: FastifyReply,
  { order, seconds = usualWaitSeconds }: { order: RefreshOrder; seconds: number | undefined },
): Promise<{ result: RefreshResult } | { operation: Operation }> {
  const { refresher, clock, stopping, metrics } = context
  if (stopping.aborted) throw new ProblemError('shutting_down', 'this broker begins no refresh any more')
  const wait = boundWait(reply.raw, { seconds, clock, stopping: new AbortController().signal })
  try {
    const ticket = await refresher.refresh(order)
    const result = ticket.done ?? (await within(ticket.result, wait.signal))
    metrics.noteRefresh(result?.outcome ?? 'running')
    if (ticket.done) return { result: ticket.done }
    if (result) return { result }
    return { operation: await runningOperation(context, order.session, ticket.operationId) }
  } catch (error) {
    metrics.noteRefresh(error instanceof ProblemError ? error.code : 'internal')
    throw error
  } finally {
    wait.end()
  }
}

async function runningOperation(
  { mirror, store, clock }: RouteContext,
  session: string,
  operationId: string,
): Promise<Operation> {
  const operation = await readOperation({ store, clock }, mirror.get(session).definition, operationId)
  if (operation) return operation
  throw new ProblemError('store_unavailable', 'the refresh runs, but what it leads to cannot be stored')
}

/** 202 with the place to look at later. */
export function acceptOperation(reply: FastifyReply, operation: Operation): Operation {
  reply.code(202).header('location', `/operations/${operation.id}`)
  return operation
}
