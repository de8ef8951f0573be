import type { SessionSummary } from '@session-broker/shared'
import { predictExpiry } from './predict-expiry.ts'
import type { MirroredSession } from './session-mirror.ts'

/** Everything about a session but its secrets, as `GET /session` shows it. */
export function summarizeSession(mirrored: MirroredSession, nowMs: number): SessionSummary {
  const { definition, snapshot, content, issued, status, generation, revision } = mirrored
  const { stored } = snapshot
  return {
    session: definition.session,
    status,
    generation,
    revision,
    obtainedAt: issued?.obtainedAt ?? null,
    ageSeconds: stored ? Math.max(0, nowMs - stored.obtainedAtMs) / 1000 : null,
    expiry: (content && predictExpiry(content.state)) ?? null,
    check: definition.check ?? content?.check ?? null,
    lastCheck: stored ? { at: new Date(stored.checkedAtMs).toISOString(), verdict: stored.verdict } : null,
    login: summarizeLogin(mirrored, nowMs),
  }
}

function summarizeLogin({ definition, snapshot }: MirroredSession, nowMs: number): SessionSummary['login'] {
  const { attempt } = snapshot
  if (attempt?.session !== definition.session) return { phase: 'idle' }
  const sinceMs = attempt.endedAtMs ?? attempt.startedAtMs
  const since = new Date(sinceMs).toISOString()
  if (attempt.phase === 'failed' && attempt.failure)
    return { phase: 'idle', class: attempt.failure.class, since }
  const isOver = attempt.phase === 'committed' || nowMs > attempt.startedAtMs + definition.loginTimeoutMs
  return isOver ? { phase: 'idle' } : { phase: 'running', since }
}
