import type { ChallengeKind } from '@session-broker/shared'
import type { OpenChallenge } from '../login-history.ts'
import type { SealedNote } from './note-sealer.ts'
import type { SessionPlace } from './session-store.ts'

export interface ChallengePosted extends OpenChallenge {
  /** What the page says. */
  prompt: SealedNote
  /** Counts the pictures that were shown; 0 before the first. */
  pictureNumber: number
  /** Left out where the reader knows this one already, and before the first. */
  picture?: SealedNote
}

export interface ChallengeOpening {
  id: string
  fence: number
  kind: ChallengeKind
  prompt: SealedNote
  expiresInMs: number
  /** How many may be opened within 24 hours. */
  perDay: number
}

/**
 * Where a login that needs a person and the person who helps it meet, whichever replica each of them is at. There is one
 * challenge for an account at most: that of its newest login, while it is permitted. Every method rejects with ProblemError
 * `store_unavailable`, and is safe to repeat.
 */
export interface ChallengeBoard {
  /** Asks, and counts it. `fenced`: a later login has begun, or this one has ended. */
  openChallenge(place: SessionPlace, opening: ChallengeOpening): Promise<'opened' | 'fenced' | 'budget_spent'>

  /** @param knownPicture the number of the picture that the reader has. */
  readChallenge(place: SessionPlace, knownPicture: number): Promise<ChallengePosted | undefined>

  /** False when nobody is asked this any more. */
  showPicture(place: SessionPlace, shown: { id: string; picture: SealedNote }): Promise<boolean>

  /** `full`: the login has not taken what was given before. */
  giveAnswer(
    place: SessionPlace,
    given: { id: string; answer: SealedNote },
  ): Promise<'given' | 'absent' | 'full'>

  /** What has been given since, oldest first. */
  takeAnswers(place: SessionPlace, id: string): Promise<SealedNote[]>

  closeChallenge(place: SessionPlace, id: string): Promise<void>
}

/** So many answers wait for a login at most: a person does one thing after the other. */
export const mostAnswers = 50
