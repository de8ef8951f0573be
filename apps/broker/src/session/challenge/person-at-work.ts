import { type ChallengeAnswer, type ChallengeKind, ProblemError } from '@session-broker/shared'
import type { ChallengeBoard } from '../ports/challenge-board.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { NoteSealer } from '../ports/note-sealer.ts'
import type { PageView, PersonsAnswer, PictureTaken } from '../ports/site-login.ts'
import type { SessionDefinition } from '../session-definition.ts'
import { unanswered } from './unanswered.ts'

const lookEveryMs = 200
/** How often a picture is shown while nobody does anything, and for how long after somebody did it is each one. */
const restingEveryMs = 1_000
const atWorkMs = 10_000

export interface PersonsWork {
  board: ChallengeBoard
  notes: NoteSealer
  clock: Clock
  log: Log
  definition: SessionDefinition
  challenge: { id: string; kind: ChallengeKind }
  /** @throws when nothing may be sent any more. */
  confirmPermit(): void
}

/**
 * Shows a person the page and does there what the person wants, until an answer is given.
 * @throws ProblemError when the person gives up; the signal's reason.
 */
export async function letPersonWork(
  { board, notes, clock, log, definition, challenge, confirmPermit }: PersonsWork,
  view: PageView,
  signal: AbortSignal,
): Promise<PersonsAnswer> {
  const { session } = definition
  const { id, kind } = challenge
  let newest: PictureTaken | undefined
  let shownAtMs = Number.NEGATIVE_INFINITY
  let workedAtMs = Number.NEGATIVE_INFINITY
  const unfollow = await view.follow((picture) => {
    newest = picture
  })

  /** A page that moves by itself is no film; somebody who works on it sees each step. */
  async function showNewest(): Promise<void> {
    const sinceMs = clock.monotonicMs() - shownAtMs
    const isAtWork = clock.monotonicMs() - workedAtMs < atWorkMs
    if (!newest || (sinceMs < restingEveryMs && !isAtWork)) return
    shownAtMs = clock.monotonicMs()
    const picture = notes.seal(JSON.stringify(newest), { session, challenge: id, part: 'picture' })
    newest = undefined
    await board.showPicture(definition, { id, picture })
  }

  async function take(): Promise<ChallengeAnswer[]> {
    const sealed = await board.takeAnswers(definition, id)
    return sealed.flatMap((each) => {
      const text = notes.unseal(each, { session, challenge: id, part: 'answer' })
      // What opens was written by a broker that had validated it.
      return text === undefined ? [] : [JSON.parse(text) as ChallengeAnswer]
    })
  }

  async function carryOut(answer: ChallengeAnswer): Promise<PersonsAnswer | undefined> {
    if ('giveUp' in answer) throw unanswered(kind, 'a person gave up')
    if ('code' in answer) return { kind: 'code', code: answer.code }
    if ('done' in answer) return { kind: 'done' }
    confirmPermit()
    workedAtMs = clock.monotonicMs()
    await view.act(answer).catch((error) => log.warn({ session, error }, 'the page did not take an input'))
    return undefined
  }

  try {
    while (!signal.aborted) {
      for (const answer of await unlessAway(take(), [])) {
        const result = await carryOut(answer)
        if (result) return result
      }
      await unlessAway(showNewest(), undefined)
      await clock.wait(lookEveryMs, signal)
    }
    throw signal.reason
  } finally {
    await unfollow()
  }
}

/** A store that is away for a moment costs no challenge. */
async function unlessAway<T>(work: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'store_unavailable') return otherwise
    throw error
  }
}
