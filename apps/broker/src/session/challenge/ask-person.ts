import { ProblemError } from '@session-broker/shared'
import type { LoginTime } from '../login-time.ts'
import type { ChallengeBoard } from '../ports/challenge-board.ts'
import type { ChallengeNotice, ChallengeNotifier } from '../ports/challenge-notifier.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { NoteSealer } from '../ports/note-sealer.ts'
import type { AskPerson, PageView, PersonsAnswer, Question } from '../ports/site-login.ts'
import type { SessionDefinition } from '../session-definition.ts'
import { letPersonWork } from './person-at-work.ts'
import { unanswered } from './unanswered.ts'

export interface AskDependencies {
  board: ChallengeBoard
  notes: NoteSealer
  notify: ChallengeNotifier
  newChallengeId: () => string
  clock: Clock
  log: Log
}

/** The login that needs somebody. */
export interface AskingLogin {
  definition: SessionDefinition
  operationId: string
  fence: number
  time: LoginTime
  /** Whatever a person does may send a secret. @throws when nothing may be sent any more. */
  requestPermit(): Promise<void>
  confirmPermit(): void
  /** Gets a mailed code without a person. */
  fetchCode?: (signal: AbortSignal) => Promise<string>
}

/**
 * Asks a person, and waits until the answer comes, the page moves on by itself, or the time for it is over: the time that a login
 * has stands still meanwhile, and its permit is kept.
 * @throws ProblemError `login_captcha` or `login_challenge_timeout` when nobody helped, `login_abandoned` when the login has lost
 * its turn.
 */
export function createAskPerson(dependencies: AskDependencies, login: AskingLogin): AskPerson {
  const { definition, time } = login
  let leftMs = definition.challenge.timeoutMs
  let fetchCode = login.fetchCode

  return async function askPerson(question, view) {
    if (leftMs <= 0) throw unanswered(question.kind, 'the time that people have in one login is over')
    await login.requestPermit()
    const id = await open(dependencies, login, { question, expiresInMs: leftMs })
    // A command that gave a wrong code is not asked a second time.
    const fetchNow = question.kind === 'code' ? fetchCode : undefined
    if (question.kind === 'code') fetchCode = undefined
    const sinceMs = dependencies.clock.monotonicMs()
    const asked = { id, question, expiresInMs: leftMs, ...(fetchNow && { fetchCode: fetchNow }) }
    try {
      const answer = await time.standStill(() => attend(dependencies, login, asked, view))
      // From now on the login's time goes on, and its permit with it.
      await login.requestPermit()
      return answer
    } finally {
      leftMs -= dependencies.clock.monotonicMs() - sinceMs
    }
  }
}

async function open(
  { board, notes, newChallengeId, log }: AskDependencies,
  { definition, operationId, fence }: AskingLogin,
  { question: { kind, prompt, page }, expiresInMs }: { question: Question; expiresInMs: number },
): Promise<string> {
  const { session } = definition
  const id = newChallengeId()
  const { perDay } = definition.challenge
  const answer = await board.openChallenge(definition, {
    ...{ id, fence, kind, expiresInMs, perDay },
    prompt: notes.seal(JSON.stringify({ prompt, page }), { session, challenge: id, part: 'prompt' }),
  })
  if (answer === 'fenced')
    throw new ProblemError('login_abandoned', 'the time of this login is over: another may have begun')
  if (answer === 'budget_spent')
    throw unanswered(kind, `people may be asked ${perDay} times in 24 hours, and have been`)
  log.warn({ session, operationId, reason: kind }, 'the site wants a person')
  return id
}

interface Asked {
  id: string
  question: Question
  expiresInMs: number
  fetchCode?: (signal: AbortSignal) => Promise<string>
}

/** Whoever comes first: a person, a command that gets the code, the page itself, the end of the time. */
async function attend(
  dependencies: AskDependencies,
  login: AskingLogin,
  asked: Asked,
  view: PageView,
): Promise<PersonsAnswer> {
  const { board, notify, clock, log } = dependencies
  const { definition, confirmPermit } = login
  const { session } = definition
  const { id, expiresInMs } = asked
  const over = new AbortController()
  const signal = AbortSignal.any([login.time.signal, over.signal])
  const notice = { session, id, kind: asked.question.kind, expiresAtMs: clock.now() + expiresInMs }
  const tell = (what: Pick<ChallengeNotice, 'event' | 'outcome'>) =>
    void notify({ ...notice, ...what }, login.time.signal)
  const callPerson = () => tell({ event: 'opened' })
  if (!asked.fetchCode) callPerson()
  let outcome: ChallengeNotice['outcome'] = 'unanswered'
  try {
    const answer = await Promise.race([
      letPersonWork({ ...dependencies, definition, challenge: notice, confirmPermit }, view, signal),
      view.movedOn(signal).then((): PersonsAnswer => ({ kind: 'moved_on' })),
      fetched(asked, { signal, log, session, callPerson }),
      keepPermit(dependencies, login, signal),
      untilLate(dependencies, asked, signal),
    ])
    outcome = 'answered'
    return answer
  } finally {
    over.abort()
    tell({ event: 'closed', outcome })
    await board
      .closeChallenge(definition, id)
      .catch((error) => log.warn({ session, error }, 'a challenge could not be closed'))
  }
}

/** A command that fails leaves it to people. */
async function fetched(
  { fetchCode }: Asked,
  {
    signal,
    log,
    session,
    callPerson,
  }: { signal: AbortSignal; log: Log; session: string; callPerson: () => void },
): Promise<PersonsAnswer> {
  if (!fetchCode) return never()
  try {
    return { kind: 'code', code: await fetchCode(signal) }
  } catch (error) {
    if (signal.aborted) return never()
    log.warn({ session, error }, 'the command gave no code: a person is asked')
    callPerson()
    return never()
  }
}

const mostBetweenPermitsMs = 10_000

/** A short permit, again and again: a broker that dies now does not hold the account up for as long as people may take. */
async function keepPermit(
  { clock }: AskDependencies,
  { definition, time, requestPermit }: AskingLogin,
  signal: AbortSignal,
): Promise<never> {
  let permittedAtMs = clock.monotonicMs()
  while (!signal.aborted) {
    await clock.wait(Math.min(mostBetweenPermitsMs, definition.loginTimeoutMs / 4), signal)
    if (signal.aborted) break
    try {
      await requestPermit()
      permittedAtMs = clock.monotonicMs()
    } catch (error) {
      const isAway = error instanceof ProblemError && error.code === 'store_unavailable'
      if (!isAway || clock.monotonicMs() - permittedAtMs > time.leftMs() / 2) throw error
    }
  }
  return never()
}

async function untilLate(
  { clock }: AskDependencies,
  { question: { kind }, expiresInMs }: Asked,
  signal: AbortSignal,
): Promise<never> {
  await clock.wait(expiresInMs, signal)
  if (signal.aborted) throw signal.reason
  throw unanswered(kind, `nobody answered within ${Math.round(expiresInMs / 1000)} s`)
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}
