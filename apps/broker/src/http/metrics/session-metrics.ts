import { Gauge, Registry } from '@prometheus-io/client'
import type { WorkerStatus } from '@session-broker/shared'
import { budgetLeft } from '../../session/login-budget.ts'
import type { MirroredSession } from '../../session/session-mirror.ts'
import type { AppliedTimes } from './applied-times.ts'

/** A broker that dies in the middle of a login tells nobody. */
function isPermitted({ snapshot: { attempt } }: MirroredSession, nowMs: number): boolean {
  return attempt?.phase === 'permitted' && nowMs < (attempt.permitEndsAtMs ?? 0)
}

export interface SessionFigures {
  sessions: readonly MirroredSession[]
  /** What workers have reported of these sessions; left out where the store does not tell. */
  workers?: readonly WorkerStatus[] | undefined
  appliedTimes: AppliedTimes
  nowMs: number
}

/** The sessions of one key, in Prometheus' text form. */
export async function sessionMetrics(figures: SessionFigures): Promise<string> {
  const { sessions, workers, appliedTimes, nowMs } = figures
  const registry = new Registry()
  const gauge = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Gauge({ name: `session_broker_session_${name}`, help, labelNames, registers: [registry] })
  const generation = gauge('generation', 'Which login produced the state.', ['session'])
  const revision = gauge('revision', 'Write-backs within the generation.', ['session'])
  const age = gauge('age_seconds', 'Since the state was obtained.', ['session'])
  const loginsLeft = gauge('logins_left', 'How often its secrets may still be sent today.', ['session'])
  const lockedOut = gauge('locked_out', '1 while its breaker is open.', ['session'])
  const challenged = gauge('challenged', '1 while its login waits for a person.', ['session'])
  const status = gauge('status', '1 for the status that the session has.', ['session', 'status'])
  for (const each of sessions) {
    const { session } = each.definition
    generation.set({ session }, each.generation)
    revision.set({ session }, each.revision)
    status.set({ session, status: each.status }, 1)
    const { stored, submissions, breaker, challenge } = each.snapshot
    const { budget } = each.definition
    loginsLeft.set({ session }, budgetLeft(submissions, { budget, nowMs }).logins)
    lockedOut.set({ session }, breaker ? 1 : 0)
    const isAsked = challenge !== undefined && nowMs < challenge.expiresAtMs && isPermitted(each, nowMs)
    challenged.set({ session }, isAsked ? 1 : 0)
    if (stored) age.set({ session }, Math.max(0, nowMs - stored.obtainedAtMs) / 1000)
  }
  if (workers) countWorkers(workers, registry)
  appliedTimes.show(
    sessions.map(({ definition }) => definition.session),
    registry,
  )
  return registry.metrics()
}

function countWorkers(workers: readonly WorkerStatus[], registry: Registry): void {
  const count = new Gauge({
    name: 'session_broker_workers',
    help: 'Workers by the outcome of their last report, of those that reported within a day.',
    labelNames: ['session', 'outcome'],
    registers: [registry],
  })
  for (const { session, outcome } of workers) count.inc({ session, outcome })
}
