import type { Publication, SessionPlace } from '../../session/ports/session-store.ts'
import { withLifetime } from '../../session/session-lifetimes.ts'
import { type KnownSession, saveSession } from './session-table.ts'
import type { Step } from './step.ts'

/** Makes it the next generation, as one that the site has just been seen to take for signed in. */
export function publishState(
  step: Step,
  place: SessionPlace,
  { known, operationId, mark, sealed }: Publication & { known: KnownSession; operationId: string },
): void {
  const { nowMs } = step
  const { generation, stored, lifetimesMs } = known
  saveSession(step, place, {
    ...known,
    lifetimesMs: withLifetime(lifetimesMs, stored),
    stored: {
      generation: generation + 1,
      revision: 0,
      mark,
      obtainedAtMs: nowMs,
      publishedAtMs: nowMs,
      verdict: 'signed_in',
      checkedAtMs: nowMs,
      aliveAtMs: nowMs,
      operationId,
      sealed,
    },
  })
}
