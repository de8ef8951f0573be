import { type RefreshResult, refreshResultSchema } from '@session-broker/shared'
import { UnexpectedAnswerError } from './broker-errors.ts'
import type { Reading } from './read-cookies.ts'

export interface RefreshOptions {
  /** Left out: the client’s own, or the one that the broker takes by itself. */
  session?: string | undefined
  /** The generation that was seen to fail; left out: the current one. */
  generation?: number | undefined
  /** For the broker's log; never a secret. */
  reason?: string | undefined
  /** Log in though the broker's check says alive; scope operate. */
  force?: boolean | undefined
  /** How long the broker may hold the request before it is followed as an operation; at most 60. */
  waitSeconds?: number | undefined
  signal?: AbortSignal | undefined
}

/** `POST /session/refresh`, to its end. Throws the login's own problem when it fails. */
export async function askRefresh(
  { call, followOperation }: Reading,
  { session, generation, reason, force, waitSeconds = 25, signal }: RefreshOptions,
): Promise<RefreshResult> {
  const answer = await call({
    method: 'POST',
    path: 'session/refresh',
    query: { session },
    body: {
      ...(generation !== undefined && { generation }),
      ...(reason !== undefined && { reason: reason.slice(0, 500) }),
      ...(force && { force }),
    },
    waitSeconds,
    signal,
  })
  if (answer.status === 202) return followOperation(answer, signal)
  const result = refreshResultSchema.safeParse(answer.body)
  if (!result.success)
    throw new UnexpectedAnswerError('the broker answered a refresh with something that is no result')
  return result.data
}
