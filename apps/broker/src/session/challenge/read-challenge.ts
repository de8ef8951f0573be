import { type Challenge, type Picture, ProblemError } from '@session-broker/shared'
import type { ChallengeBoard, ChallengePosted } from '../ports/challenge-board.ts'
import type { NotePlace, NoteSealer } from '../ports/note-sealer.ts'
import type { PictureTaken, Question } from '../ports/site-login.ts'
import type { SessionDefinition } from '../session-definition.ts'

export interface ReadDependencies {
  board: Pick<ChallengeBoard, 'readChallenge'>
  notes: NoteSealer
}

/**
 * What the site asks of a person now; undefined where it asks nothing.
 * @param known the number of the picture that the reader has: then the picture is left out.
 * @throws ProblemError `state_unreadable` where it was sealed with another key.
 */
export async function readChallenge(
  { board, notes }: ReadDependencies,
  definition: SessionDefinition,
  known = 0,
): Promise<{ challenge: Challenge; pictureNumber: number } | undefined> {
  const posted = await board.readChallenge(definition, known)
  if (!posted) return undefined
  const { session } = definition
  const { id, kind, openedAtMs, expiresAtMs, pictureNumber } = posted
  const unseal = (sealed: Parameters<NoteSealer['unseal']>[0], part: NotePlace['part']) => {
    const text = notes.unseal(sealed, { session, challenge: id, part })
    if (text !== undefined) return text
    throw new ProblemError('state_unreadable', `the challenge of ${session} was sealed with another key`)
  }
  const { prompt, page }: Question = JSON.parse(unseal(posted.prompt, 'prompt'))
  const challenge: Challenge = {
    ...{ session, id, kind, prompt, page },
    openedAt: new Date(openedAtMs).toISOString(),
    expiresAt: new Date(expiresAtMs).toISOString(),
    picture: pictureIn(posted, (sealed) => unseal(sealed, 'picture')),
  }
  return { challenge, pictureNumber }
}

function pictureIn(
  { picture, pictureNumber }: ChallengePosted,
  open: (sealed: Parameters<NoteSealer['unseal']>[0]) => string,
): Picture | null {
  if (!picture) return null
  const taken: PictureTaken = JSON.parse(open(picture))
  return { number: pictureNumber, ...taken }
}
