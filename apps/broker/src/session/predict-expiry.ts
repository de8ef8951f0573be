import type { SessionState } from '@session-broker/shared'
import type { Snapshot } from './ports/session-store.ts'
import { latestTokenExpiry } from './token-expiry.ts'

export interface PredictedExpiry {
  /** ISO 8601. */
  at: string
  reason: string
}

/** So many earlier generations have to agree before their lives count more than what cookies say. */
const fewestLifetimes = 3
/** They agree when the longest is at most this many times the shortest. */
const agreementFactor = 2

/**
 * When the session will probably have run out. How long earlier generations really lived says it best, where they agree; then the
 * first of the HttpOnly cookies that has a date (those carry logins; scripts' own cookies say nothing about them), and
 * the last of its tokens (an access token that is renewed by another ends nothing). A date that the session has already
 * outlived is no prediction.
 */
export function predictExpiry(
  state: SessionState,
  { stored, lifetimesMs }: Pick<Snapshot, 'stored' | 'lifetimesMs'>,
): PredictedExpiry | undefined {
  const aliveAtMs = stored?.aliveAtMs ?? 0
  const lived = fromLifetimes(lifetimesMs, stored?.obtainedAtMs)
  const candidates = lived ? [lived] : [fromCookies(state, aliveAtMs), fromTokens(state)]
  const [first] = candidates
    .filter((candidate) => candidate !== undefined)
    .filter(({ atMs }) => atMs > aliveAtMs)
    .sort((a, b) => a.atMs - b.atMs)
  return first && { at: new Date(first.atMs).toISOString(), reason: first.reason }
}

interface Candidate {
  atMs: number
  reason: string
}

function fromLifetimes(
  lifetimesMs: readonly number[],
  obtainedAtMs: number | undefined,
): Candidate | undefined {
  if (obtainedAtMs === undefined || lifetimesMs.length < fewestLifetimes) return undefined
  const [shortest, longest] = [Math.min(...lifetimesMs), Math.max(...lifetimesMs)]
  if (shortest <= 0 || longest > agreementFactor * shortest) return undefined
  const reason = `the last ${lifetimesMs.length} generations lived ${Math.round(shortest / 60_000)} min or a little longer`
  return { atMs: obtainedAtMs + shortest, reason }
}

function fromCookies({ cookies }: SessionState, aliveAtMs: number): Candidate | undefined {
  const [first] = cookies
    .filter((cookie) => cookie.httpOnly && cookie.expires * 1000 > aliveAtMs)
    .sort((a, b) => a.expires - b.expires)
  return first && { atMs: first.expires * 1000, reason: `cookie ${first.name} of ${first.domain} expires` }
}

function fromTokens(state: SessionState): Candidate | undefined {
  const token = latestTokenExpiry(state)
  return token && { atMs: token.expiresAtMs, reason: `the token in ${token.where} expires (JWT exp)` }
}
