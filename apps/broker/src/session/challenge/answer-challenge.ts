import { type ChallengeAnswer, ProblemError } from '@session-broker/shared'
import type { ChallengeBoard } from '../ports/challenge-board.ts'
import type { NoteSealer } from '../ports/note-sealer.ts'
import type { SessionDefinition } from '../session-definition.ts'

export interface AnswerDependencies {
  board: Pick<ChallengeBoard, 'readChallenge' | 'giveAnswer'>
  notes: NoteSealer
}

/**
 * Hands a person's answer to the login that waits for it, whichever broker that runs at.
 * @throws ProblemError `challenge_absent`, `request_invalid` for a code that nobody asks for, `overloaded`.
 */
export async function answerChallenge(
  { board, notes }: AnswerDependencies,
  definition: SessionDefinition,
  answer: ChallengeAnswer,
): Promise<void> {
  const { session } = definition
  const { id } = answer
  const posted = await board.readChallenge(definition, Number.MAX_SAFE_INTEGER)
  if (posted?.id !== id) throw absentChallenge(session)
  if ('code' in answer && posted.kind !== 'code') {
    throw new ProblemError(
      'request_invalid',
      `body/code: no code is asked for, but a ${posted.kind}: work on the page, and say "done" where it does not go on by itself`,
    )
  }
  const sealed = notes.seal(JSON.stringify(answer), { session, challenge: id, part: 'answer' })
  const given = await board.giveAnswer(definition, { id, answer: sealed })
  if (given === 'absent') throw absentChallenge(session)
  if (given === 'full')
    throw new ProblemError('overloaded', 'the login has not done yet what was asked before: wait a moment')
}

export function absentChallenge(session: string): ProblemError {
  return new ProblemError(
    'challenge_absent',
    `${session} asks nothing of anybody now; GET /session says how its login goes`,
  )
}
