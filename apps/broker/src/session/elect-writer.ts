import type { WriterResult } from '@session-broker/shared'
import type { WriterBoard, WriterLease } from './ports/writer-board.ts'
import type { SessionDefinition } from './session-definition.ts'
import { requireWriteBack } from './write-back.ts'

/** After this a writer that was killed holds nobody up any more. */
const holdMs = 30_000

export interface WriterRequest {
  worker: string
  release?: boolean
}

/** Says who may write the session back now: whoever asks, where nobody else does. @throws ProblemError `write_back_off`, `store_unavailable`. */
export async function electWriter(
  board: WriterBoard,
  definition: SessionDefinition,
  { worker, release = false }: WriterRequest,
): Promise<WriterResult> {
  requireWriteBack(definition)
  const lease: WriterLease | undefined = release
    ? await board.releaseWriter(definition, { worker })
    : await board.claimWriter(definition, { worker, holdMs })
  return {
    session: definition.session,
    worker: lease?.worker ?? null,
    isYou: lease?.worker === worker,
    expiresAt: lease ? new Date(lease.endsAtMs).toISOString() : null,
  }
}
