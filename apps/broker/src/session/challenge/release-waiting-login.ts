import { ProblemError } from '@session-broker/shared'
import type { Clock } from '../ports/clock.ts'
import type { SessionStore } from '../ports/session-store.ts'
import type { SessionDefinition } from '../session-definition.ts'
import { type AnswerDependencies, answerChallenge } from './answer-challenge.ts'

export interface ReleaseDependencies extends AnswerDependencies {
  store: Pick<SessionStore, 'read'>
  clock: Clock
}

const lookEveryMs = 500

/**
 * Ends each login of the session that waits for a person, until the signal is aborted: whoever brings the session itself leaves it
 * nothing to wait for, and it has the account's turn.
 */
export async function releaseWaitingLogin(
  { store, clock, ...answering }: ReleaseDependencies,
  definition: SessionDefinition,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const { challenge } = await store.read(definition)
      if (challenge && !signal.aborted)
        await answerChallenge(answering, definition, { id: challenge.id, giveUp: true })
    } catch (error) {
      // It has just ended, or the store is away for a moment.
      if (!(error instanceof ProblemError)) throw error
    }
    await clock.wait(lookEveryMs, signal)
  }
}
