import { type IssuedSession, isNewer, ProblemError, type RefreshResult } from '@session-broker/shared'
import type { BrokerClient } from '../broker-client.ts'
import { isAhead, mostLooks, notGiven } from './not-given.ts'
import { settledBy } from './settled-by.ts'

export interface SignedOutOptions {
  /** The state that was seen signed out; left out: the current one. */
  seen?: Pick<IssuedSession, 'generation' | 'revision' | 'obtainedAt'> | undefined
  /** For the broker’s log; never a secret. */
  reason?: string | undefined
  signal?: AbortSignal | undefined
}

export interface SignedOutAnswer {
  /** newer: there was one already. alive: the broker’s check says so, and there is none. renewed: one login for everybody. */
  outcome: RefreshResult['outcome']
  /** The newest state. */
  state: IssuedSession
}

interface Desk {
  client: Pick<BrokerClient, 'refresh'>
  session: string
  /** Of the following. */
  signal: AbortSignal
  tellAgainMs: number | undefined
  current: () => IssuedSession
  fetchNewest: () => Promise<void>
}

interface Question {
  generation: number
  answer: Promise<RefreshResult>
  /** By `performance.now()`; undefined while it is under way. */
  asksAgainAtMs?: number
}

const longestPauseMs = 15 * 60_000

/** One question to the broker for each generation, however many ask. */
export function createSignedOutDesk(desk: Desk) {
  const { current, fetchNewest, signal: following } = desk
  let question: Question | undefined

  async function ask(generation: number, reason: string | undefined): Promise<RefreshResult> {
    const { client, session } = desk
    const result = await client.refresh({ session, generation, reason, signal: following })
    for (let tries = 0; isAhead(result, current()); tries++) {
      if (tries === mostLooks) throw notGiven()
      await fetchNewest()
    }
    return result
  }

  function questionAbout(generation: number, reason: string | undefined): Question {
    const isOver = question?.asksAgainAtMs !== undefined && performance.now() >= question.asksAgainAtMs
    if (question?.generation === generation && !isOver) return question
    const asked: Question = { generation, answer: ask(generation, reason) }
    asked.answer.then(
      () => leave(asked, 0),
      (error: unknown) => {
        // A broker that was not reached has answered nothing: the next who finds out asks it.
        if (error instanceof ProblemError) leave(asked, error.retryAfterSeconds ?? 0)
        else asked.asksAgainAtMs = performance.now()
      },
    )
    question = asked
    return asked
  }

  function leave(asked: Question, retryAfterSeconds: number): void {
    const pauseMs = Math.max(desk.tellAgainMs ?? 60_000, retryAfterSeconds * 1000)
    asked.asksAgainAtMs = performance.now() + Math.min(pauseMs, longestPauseMs)
  }

  return async ({ seen = current(), reason, signal }: SignedOutOptions = {}): Promise<SignedOutAnswer> => {
    following.throwIfAborted()
    signal?.throwIfAborted()
    if (isNewer(current(), seen)) return { outcome: 'newer', state: current() }
    const { answer } = questionAbout(seen.generation, reason)
    const { outcome } = await settledBy(answer, signal)
    if (!isNewer(current(), seen)) return { outcome: 'alive', state: current() }
    return { outcome: outcome === 'alive' ? 'newer' : outcome, state: current() }
  }
}
