import { ProblemError } from '@session-broker/shared'
import type { Snapshot } from './ports/session-store.ts'
import { versionOf } from './session-mirror.ts'

/**
 * Versions (`generation.revision-mark`) of which one has to be the present one; `none`: there must be no state.
 */
export type InPlaceOf = readonly string[] | 'none'

/** @throws ProblemError `precondition_failed`, where there is another state than the one that was named. */
export function requireReplaced(inPlaceOf: InPlaceOf, now: Snapshot): void {
  const { stored } = now
  const isSo = inPlaceOf === 'none' ? !stored : stored && inPlaceOf.includes(versionOf(stored))
  if (!isSo) throw tooLate(now)
}

export function tooLate({ stored }: Snapshot): ProblemError {
  return new ProblemError(
    'precondition_failed',
    stored
      ? `generation ${stored.generation}.${stored.revision} is there now: read it, and say in If-Match whether this takes its place`
      : 'there is no state any more: If-None-Match: * says that this is the first',
  )
}
