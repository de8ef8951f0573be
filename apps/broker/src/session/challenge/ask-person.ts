import { ProblemError } from '@session-broker/shared'
import type { LoginTime } from '../login-time.ts'
import type { Permit } from '../permit.ts'
import type { ChallengeBoard } from '../ports/challenge-board.ts'
import type { ChallengeNotice, ChallengeNotifier } from '../ports/challenge-notifier.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { NoteSealer } from '../ports/note-sealer.ts'
import type { AskPerson, PageView, PersonsAnswer, Question } from '../ports/site-login.ts'
import type { SessionDefinition } from '../session-definition.ts'
import { letPersonWork } from './person-at-work.ts'
import { unanswered } from './unanswered.ts'
import { whilePermitted } from './while-permitted.ts'

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
  /** Whatever a person does may send a secret. */
  permit: Pick<Permit, 'requestPermit' | 'confirmPermit'>
  /** Lets other logins have this one's slot meanwhile. */
  lendSlot<T>(work: () => Promise<T>): Promise<T>
  /** Nobody waits for it: half of the day's challenges stay for those who will. */
  unattended: boolean
  /** Gets a mailed code without a person. */
  fetchCode?: (signal: AbortSignal) => Promise<string>
}

/**
 * Asks a person, and waits until the answer comes, the page moves on by itself, or the time for it is over: the time that a login
 * has stands still meanwhile, and its permit is kept. Where a command can get a code, it is tried first, once.
 * @throws ProblemError `login_captcha` or `login_challenge_timeout` when nobody helped, `login_abandoned` when the login has lost
 * its turn.
 */
export function createAskPerson(dependencies: AskDependencies, login: AskingLogin): AskPerson {
  const { clock } = dependencies
  const { definition, time, permit, lendSlot } = login
  let leftMs = definition.challenge.timeoutMs
  let fetchCode = login.fetchCode

  async function standStill<T>(work: () => Promise<T>): Promise<T> {
    const sinceMs = clock.monotonicMs()
    try {
      await permit.requestPermit()
      const result = await time.standStill(() => whilePermitted({ ...login, clock }, () => lendSlot(work)))
      // From now on the login's time goes on, and its permit with it.
      await permit.requestPermit()
      return result
    } finally {
      leftMs -= clock.monotonicMs() - sinceMs
    }
  }

  return async function askPerson(question, view) {
    if (question.kind === 'code' && fetchCode) {
      const byCommand = { fetchCode, expiresInMs: leftMs }
      // One that gave a wrong code is not asked a second time.
      fetchCode = undefined
      const answer = await standStill(() => runCommand(dependencies, login, byCommand, view))
      if (answer) return answer
    }
    if (leftMs <= 0) throw unanswered(question.kind, 'the time that people have in one login is over')
    const expiresInMs = leftMs
    return standStill(async () => {
      const id = await open(dependencies, login, { question, expiresInMs })
      return attend(dependencies, login, { id, question, expiresInMs }, view)
    })
  }
}

/** A command that fails, or takes too long, leaves it to people. */
async function runCommand(
  { clock, log }: AskDependencies,
  { definition: { session }, time }: AskingLogin,
  { fetchCode, expiresInMs }: { fetchCode: (signal: AbortSignal) => Promise<string>; expiresInMs: number },
  view: PageView,
): Promise<PersonsAnswer | undefined> {
  const over = new AbortController()
  const signal = AbortSignal.any([time.signal, over.signal])
  const fetching = fetchCode(signal).then(
    (code): PersonsAnswer => ({ kind: 'code', code }),
    (error) => {
      if (!signal.aborted) log.warn({ session, error }, 'the command gave no code: a person is asked')
      return undefined
    },
  )
  try {
    return await Promise.race([
      fetching,
      movedOn(view, signal),
      clock.wait(expiresInMs, signal).then(() => undefined),
    ])
  } finally {
    over.abort()
    time.signal.throwIfAborted()
  }
}

async function open(
  { board, notes, newChallengeId, log }: AskDependencies,
  { definition, operationId, fence, unattended }: AskingLogin,
  { question: { kind, prompt, page }, expiresInMs }: { question: Question; expiresInMs: number },
): Promise<string> {
  const { session, challenge } = definition
  const id = newChallengeId()
  const perDay = unattended ? Math.floor(challenge.perDay / 2) : challenge.perDay
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
}

/** How long what a person has begun to do on the page may go on once the login does. */
const finishMs = 1_000

/** Whoever comes first: a person, the page itself, the end of the time. */
async function attend(
  dependencies: AskDependencies,
  { definition, time, permit }: AskingLogin,
  { id, question: { kind }, expiresInMs }: Asked,
  view: PageView,
): Promise<PersonsAnswer> {
  const { board, notify, clock, log } = dependencies
  const { session } = definition
  const over = new AbortController()
  const signal = AbortSignal.any([time.signal, over.signal])
  const notice = { session, id, kind, expiresAtMs: clock.now() + expiresInMs }
  void notify({ ...notice, event: 'opened' }, signal)
  const work = { ...dependencies, definition, challenge: notice, confirmPermit: permit.confirmPermit }
  const working = letPersonWork(work, view, signal)
  let outcome: ChallengeNotice['outcome'] = 'unanswered'
  try {
    const late = untilLate(clock, { kind, expiresInMs, signal })
    const answer = await Promise.race([working, movedOn(view, signal), late])
    outcome = 'answered'
    return answer
  } finally {
    over.abort()
    const finished = new AbortController()
    await Promise.race([working.catch(() => undefined), clock.wait(finishMs, finished.signal)])
    finished.abort()
    void notify({ ...notice, event: 'closed', outcome }, time.signal)
    await board
      .closeChallenge(definition, id)
      .catch((error) => log.warn({ session, error }, 'a challenge could not be closed'))
  }
}

async function movedOn(view: PageView, signal: AbortSignal): Promise<PersonsAnswer> {
  await view.movedOn(signal)
  return { kind: 'moved_on' }
}

async function untilLate(
  clock: Clock,
  { kind, expiresInMs, signal }: { kind: Question['kind']; expiresInMs: number; signal: AbortSignal },
): Promise<never> {
  await clock.wait(expiresInMs, signal)
  if (signal.aborted) throw signal.reason
  throw unanswered(kind, `nobody answered within ${Math.round(expiresInMs / 1000)} s`)
}
