import type { SessionEvent } from '@session-broker/shared'
import type { MirroredSession } from '../../session/session-mirror.ts'

/** What is told of a session: never its cookies. */
export function eventOf({ definition, generation, revision, status }: MirroredSession): SessionEvent {
  return { session: definition.session, generation, revision, status }
}

/** Two states with the same mark need telling once. */
export function markOf({ version, status }: MirroredSession): string {
  return `${version} ${status}`
}
