import { type Operation, toProblem } from '@session-broker/shared'
import type { Clock } from './ports/clock.ts'
import type { SessionStore } from './ports/session-store.ts'
import type { SessionDefinition } from './session-definition.ts'

/** A refresh that runs or has ended; one whose broker died reads as failed once its time is over. */
export async function readOperation(
  { store, clock }: { store: Pick<SessionStore, 'readOperation'>; clock: Pick<Clock, 'now'> },
  definition: SessionDefinition,
  id: string,
): Promise<Operation | undefined> {
  const record = await store.readOperation(definition, id)
  if (!record) return undefined
  if (record.operation.status !== 'running' || clock.now() <= record.endsByMs) return record.operation
  const problem = toProblem({
    code: 'operation_lost',
    message: 'the broker that ran this refresh stopped before it ended; ask again',
  })
  return { ...record.operation, status: 'failed', problem }
}

/** Operation ids carry their session's name, so that a key's sessions can be held against them. */
export function sessionOfOperation(id: string): string {
  return id.slice(0, Math.max(0, id.indexOf('.')))
}
