import {
  type ChallengeBoard,
  type ChallengeOpening,
  type ChallengePosted,
  mostAnswers,
} from '../../session/ports/challenge-board.ts'
import type { SealedNote } from '../../session/ports/note-sealer.ts'
import type { SessionPlace } from '../../session/ports/session-store.ts'
import { addChallenged, findChallenged } from './challenged-table.ts'
import { findLogin, isRunning } from './login-table.ts'
import type { Step } from './step.ts'

interface Kept extends Omit<ChallengePosted, 'picture'> {
  session: string
  fence: number
  picture?: SealedNote
  answers: SealedNote[]
}

export interface Runner {
  run<T>(work: (step: Step) => T): Promise<T>
  tell(session: string): void
}

/**
 * The challenges of a broker that is alone: in its memory, since they end with it; only how many there were is stored.
 * `find` gives the one that counts in a step.
 */
export function keepChallenges({ run, tell }: Runner): ChallengeBoard & {
  find(step: Step, place: SessionPlace): ChallengePosted | undefined
} {
  const kept = new Map<string, Kept>()

  /** It counts while the login that asks is the newest, and permitted. */
  function find(step: Step, { account, session }: SessionPlace): Kept | undefined {
    const challenge = kept.get(account)
    if (challenge?.session !== session || step.nowMs >= challenge.expiresAtMs) return undefined
    const login = findLogin(step, account)
    if (login?.fence !== challenge.fence || !isRunning(login)) return undefined
    return step.nowMs < (login.permitEndsAtMs ?? 0) ? challenge : undefined
  }

  function open(step: Step, { account, session }: SessionPlace, opening: ChallengeOpening) {
    const { id, fence, kind, prompt, expiresInMs, perDay } = opening
    const login = findLogin(step, account)
    if (login?.fence !== fence || !isRunning(login)) return 'fenced'
    if (kept.get(account)?.id === id) return 'opened'
    if (findChallenged(step, account).length >= perDay) return 'budget_spent'
    addChallenged(step, account, id)
    kept.set(account, {
      ...{ id, fence, kind, prompt, session, pictureNumber: 0, answers: [] },
      openedAtMs: step.nowMs,
      expiresAtMs: step.nowMs + Math.ceil(expiresInMs),
    })
    return 'opened'
  }

  return {
    find,
    async openChallenge(place, opening) {
      const answer = await run((step) => open(step, place, opening))
      if (answer === 'opened') tell(place.session)
      return answer
    },
    readChallenge: (place, knownPicture) =>
      run((step) => {
        const found = find(step, place)
        if (!found) return undefined
        const { fence: _fence, session: _session, answers: _answers, picture, ...posted } = found
        return { ...posted, ...(picture && found.pictureNumber > knownPicture && { picture }) }
      }),
    showPicture: (place, { id, picture }) =>
      run((step) => {
        const found = find(step, place)
        if (found?.id !== id) return false
        found.picture = picture
        found.pictureNumber += 1
        return true
      }),
    giveAnswer: (place, { id, answer }) =>
      run((step) => {
        const found = find(step, place)
        if (found?.id !== id) return 'absent'
        if (found.answers.length >= mostAnswers) return 'full'
        found.answers.push(answer)
        return 'given'
      }),
    takeAnswers: (place, id) =>
      run((step) => {
        const found = find(step, place)
        return found?.id === id ? found.answers.splice(0) : []
      }),
    async closeChallenge({ account, session }, id) {
      if (kept.get(account)?.id !== id) return
      kept.delete(account)
      tell(session)
    },
  }
}
