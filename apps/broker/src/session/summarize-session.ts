import type { SessionSummary } from '@session-broker/shared'
import { budgetLeft, budgetWindowMs } from './login-budget.ts'
import type { LoginAttempt, OpenChallenge } from './login-history.ts'
import type { Clock } from './ports/clock.ts'
import { predictExpiry } from './predict-expiry.ts'
import { type MirroredSession, storeNowMs } from './session-mirror.ts'
import { sitesOf } from './session-sites.ts'
import type { StorePresence } from './store-presence.ts'

/** As the broker that answers sees it now. */
export function summaryOf(
  mirrored: MirroredSession,
  { clock, presence }: { clock: Clock; presence: Pick<StorePresence, 'awayForMs'> },
): SessionSummary {
  const nowMs = storeNowMs(mirrored, clock)
  return summarizeSession(mirrored, { nowMs, awayForMs: presence.awayForMs() })
}

/**
 * Everything about a session but its secrets, as `GET /session` shows it.
 * @param nowMs by the store's clock
 * @param awayForMs how long the store has not answered
 */
function summarizeSession(
  mirrored: MirroredSession,
  { nowMs, awayForMs }: { nowMs: number; awayForMs: number | undefined },
): SessionSummary {
  const { definition, snapshot, content, issued, status, generation, revision } = mirrored
  const { stored, rotates } = snapshot
  return {
    session: definition.session,
    loginOrigin: new URL(definition.loginUrl).origin,
    sites: sitesOf(definition),
    status,
    generation,
    revision,
    obtainedAt: issued?.obtainedAt ?? null,
    ageSeconds: stored ? Math.max(0, nowMs - stored.obtainedAtMs) / 1000 : null,
    expiry: (content && predictExpiry(content.state, snapshot)) ?? null,
    check: definition.check ?? content?.check ?? null,
    lastCheck: stored ? { at: iso(stored.checkedAtMs), verdict: stored.verdict } : null,
    checksPaused: rotates && !definition.writeBack ? rotationReason : null,
    login: summarizeLogin(mirrored, nowMs),
    budget: summarizeBudget(mirrored, nowMs),
    staleSeconds: awayForMs === undefined ? null : awayForMs / 1000,
  }
}

const rotationReason =
  'the site changes the session’s cookies in use: a check with cookies that a Chrome has outdated could end it'

function summarizeLogin({ definition, snapshot }: MirroredSession, nowMs: number): SessionSummary['login'] {
  const { attempt, breaker, challenge, nextTryAtMs = 0 } = snapshot
  if (attempt && isRunning(attempt, nowMs)) return running(attempt, definition.session, challenge)
  if (breaker) return { phase: 'locked_out', class: breaker.class, since: iso(breaker.sinceMs) }
  const failed = attempt?.failure && {
    class: attempt.failure.class,
    since: iso(attempt.endedAtMs ?? attempt.startedAtMs),
  }
  const budgetMs = budgetWaitMs({ definition, snapshot }, nowMs)
  const waitMs = Math.max(nextTryAtMs - nowMs, budgetMs)
  if (waitMs <= 0) return { phase: 'idle', ...failed }
  return { phase: 'backing_off', ...failed, nextTryAt: iso(nowMs + waitMs) }
}

function isRunning({ phase, startedAtMs, permitEndsAtMs }: LoginAttempt, nowMs: number): boolean {
  if (phase === 'begun') return nowMs < startedAtMs + longestBegunMs
  return phase === 'permitted' && nowMs < (permitEndsAtMs ?? 0)
}

/** A login that has not been allowed to send anything for so long was left by a broker that died. */
const longestBegunMs = 15 * 60_000

function running(
  { session, startedAtMs }: LoginAttempt,
  name: string,
  challenge: OpenChallenge | undefined,
): SessionSummary['login'] {
  const since = iso(startedAtMs)
  if (session !== name) return { phase: 'idle' }
  if (!challenge) return { phase: 'running', since }
  const { id, kind, expiresAtMs } = challenge
  return { phase: 'challenged', since, challenge: { id, kind, expiresAt: iso(expiresAtMs) } }
}

function budgetWaitMs(
  { definition, snapshot }: Pick<MirroredSession, 'definition' | 'snapshot'>,
  nowMs: number,
) {
  return budgetLeft(snapshot.submissions, { budget: definition.budget, nowMs }).waitMs
}

function summarizeBudget({ definition, snapshot }: MirroredSession, nowMs: number): SessionSummary['budget'] {
  const { attempt, submissions, challengedAtMs } = snapshot
  const asked = challengedAtMs.filter((atMs) => atMs > nowMs - budgetWindowMs).length
  const ownFence = attempt && isRunning(attempt, nowMs) ? attempt.fence : undefined
  const left = budgetLeft(submissions, { budget: definition.budget, nowMs, ownFence })
  return {
    loginsLeft: left.logins,
    failedLeft: left.failed,
    challengesLeft: Math.max(0, definition.challenge.perDay - asked),
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
