import type { IssuedSession } from '@session-broker/shared'
import { UnexpectedAnswerError } from '../broker-errors.ts'

type Version = Pick<IssuedSession, 'generation' | 'revision'>

/** So often is asked for what the broker tells of: a replica may lag behind, and a store that was rolled back never gives it. */
export const mostLooks = 5

/** Whether the broker has told of something newer than it gave. */
export function isAhead(told: Version, { generation, revision }: Version): boolean {
  return told.generation > generation || (told.generation === generation && told.revision > revision)
}

export function notGiven(): UnexpectedAnswerError {
  return new UnexpectedAnswerError('the broker tells of a newer state and does not give it')
}
