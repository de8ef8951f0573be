import type {
  LoginAttempt,
  LoginBudget,
  LoginHistory,
  Submission,
} from '../../../apps/broker/src/session/login-history.ts'
import type {
  CapturePublication,
  FailureReport,
  LoginStart,
  SessionPlace,
} from '../../../apps/broker/src/session/ports/session-store.ts'

const dayMs = 24 * 60 * 60 * 1000

/** What can be seen of an account from one of its sessions. */
export interface AccountView extends LoginHistory {
  generation: number
  mark?: string
}

export type ModelAnswer = { reason: string; waitMs?: number; failuresInRow?: number }

type Restraint = Pick<LoginHistory, 'failuresInRow' | 'nextTryAtMs' | 'breaker'>

/**
 * One account as the port tells it (session/ports/session-store.ts), written from its words and with the plainest means: nothing is
 * ever forgotten, and when there is room again is found by trying.
 */
export function createAccountModel() {
  const published = new Map<string, { generation: number; mark?: string; operationId?: string }>()
  let submissions: Submission[] = []
  let attempt: LoginAttempt | undefined
  let restraint: Restraint = { failuresInRow: 0 }

  const generationOf = (session: string) => published.get(session)?.generation ?? 0
  const isRunning = () => attempt?.phase === 'begun' || attempt?.phase === 'permitted'
  const isNewest = (fence: number) => attempt?.fence === fence && isRunning()

  function refusal(
    { budget, force }: LoginStart,
    { isMended, nowMs }: { isMended: boolean; nowMs: number },
  ): ModelAnswer | undefined {
    if (!force && !isMended && restraint.breaker) return { reason: 'locked_out' }
    const backOffMs = (restraint.nextTryAtMs ?? 0) - nowMs
    if (!force && backOffMs > 0) return { reason: 'backing_off', waitMs: backOffMs }
    const permitMs = (attempt?.permitEndsAtMs ?? 0) - nowMs
    if (permitMs > 0) return { reason: 'permit_outstanding', waitMs: permitMs }
    const waitMs = untilRoom(submissions, budget, nowMs)
    return waitMs > 0 ? { reason: 'budget_spent', waitMs } : undefined
  }

  function settle(fence: number, outcome: Submission['outcome']): void {
    submissions = submissions.map((each) => (each.fence === fence ? { ...each, outcome } : each))
  }

  function hasPublished(login: { session: string; fromGeneration: number; operationId: string }): boolean {
    const known = published.get(login.session)
    return known?.generation === login.fromGeneration + 1 && known.operationId === login.operationId
  }

  /** @param fence what the store gave, where it began one. */
  function begin({ session }: SessionPlace, start: LoginStart, { nowMs, fence = 0 }: Step): ModelAnswer {
    const { operationId, fromGeneration } = start
    if (generationOf(session) !== fromGeneration) return { reason: 'superseded' }
    const { failuresInRow } = restraint
    if (attempt?.operationId === operationId) return { reason: 'begun', failuresInRow }
    const tag = restraint.breaker?.credentialsTag
    const isMended = tag !== undefined && tag !== start.credentialsTag
    const refused = refusal(start, { isMended, nowMs })
    if (refused) return refused
    attempt = { fence, session, operationId, phase: 'begun', startedAtMs: nowMs }
    return { reason: 'begun', failuresInRow: restraint.failuresInRow }
  }

  function grant(
    { fence, durationMs, budget }: { fence: number; durationMs: number; budget: LoginBudget },
    nowMs: number,
  ): string {
    if (!attempt || !isNewest(fence)) return 'fenced'
    if (!counted(submissions, nowMs).some((each) => each.fence === fence)) {
      if (untilRoom(submissions, budget, nowMs) > 0) return 'budget_spent'
      submissions = [
        ...submissions.filter((each) => each.fence !== fence),
        { fence, atMs: nowMs, outcome: 'open' },
      ]
    }
    const permitEndsAtMs = Math.max(attempt.permitEndsAtMs ?? 0, nowMs + durationMs)
    attempt = { ...attempt, phase: 'permitted', permitEndsAtMs }
    return 'granted'
  }

  function commit(
    { session }: SessionPlace,
    login: { fence: number; fromGeneration: number; operationId: string; mark: string },
    nowMs: number,
  ): string {
    const { fence, fromGeneration, operationId, mark } = login
    if (hasPublished({ session, fromGeneration, operationId })) return 'committed'
    settle(fence, 'accepted')
    if (!attempt || !isNewest(fence)) return 'fenced'
    const { permitEndsAtMs: _, ...rest } = attempt
    if (generationOf(session) !== fromGeneration) {
      attempt = { ...rest, phase: 'abandoned', endedAtMs: nowMs }
      return 'superseded'
    }
    published.set(session, { generation: fromGeneration + 1, mark, operationId })
    attempt = { ...rest, phase: 'committed', endedAtMs: nowMs }
    restraint = { failuresInRow: 0 }
    return 'committed'
  }

  function capture({ session }: SessionPlace, given: CapturePublication): string {
    const { fromGeneration, operationId, replaces, mark } = given
    if (hasPublished({ session, fromGeneration, operationId })) return 'committed'
    if (generationOf(session) !== fromGeneration || published.get(session)?.mark !== replaces?.mark)
      return 'superseded'
    published.set(session, { generation: fromGeneration + 1, mark, operationId })
    const { breaker } = restraint
    restraint = { failuresInRow: 0, ...(breaker && { breaker }) }
    return 'committed'
  }

  function forget({ session }: SessionPlace, generation: number): string {
    if (generationOf(session) !== generation) return 'superseded'
    if (published.get(session)?.mark === undefined) return 'absent'
    published.set(session, { generation })
    return 'forgotten'
  }

  function fail({ fence, failure, breaker, delayMs, answered }: FailureReport, nowMs: number): void {
    settle(fence, 'failed')
    const opened = breaker && { class: failure.class, sinceMs: nowMs, ...breaker }
    const isOvertaken = attempt !== undefined && fence < attempt.fence
    if (isOvertaken && attempt?.phase !== 'committed' && opened) restraint = { ...restraint, breaker: opened }
    if (!attempt || !isNewest(fence)) return
    const { permitEndsAtMs, ...rest } = attempt
    const goesOn = !answered && permitEndsAtMs !== undefined
    attempt = { ...rest, ...(goesOn && { permitEndsAtMs }), phase: 'failed', endedAtMs: nowMs, failure }
    restraint = {
      ...restraint,
      failuresInRow: restraint.failuresInRow + 1,
      nextTryAtMs: nowMs + delayMs,
      ...(opened && { breaker: opened }),
    }
  }

  function abandon(fence: number, nowMs: number): void {
    if (attempt && isNewest(fence)) attempt = { ...attempt, phase: 'abandoned', endedAtMs: nowMs }
  }

  function reset(): void {
    restraint = { failuresInRow: 0 }
  }

  function view({ session }: SessionPlace, nowMs: number): AccountView {
    const known = published.get(session)
    return {
      generation: generationOf(session),
      ...(known?.mark !== undefined && { mark: known.mark }),
      ...(attempt && { attempt }),
      submissions: counted(submissions, nowMs).sort((a, b) => a.atMs - b.atMs || a.fence - b.fence),
      ...restraint,
    }
  }

  /** Takes the times over from what was read, once they were found right: a server's clock goes on during a step. */
  function adopt({
    attempt: read,
    submissions: kept,
    failuresInRow,
    nextTryAtMs,
    breaker,
  }: LoginHistory): void {
    attempt = read
    const byFence = new Map(kept.map((each) => [each.fence, each]))
    submissions = submissions.map((each) => byFence.get(each.fence) ?? each)
    restraint = {
      failuresInRow,
      ...(nextTryAtMs !== undefined && { nextTryAtMs }),
      ...(breaker && { breaker }),
    }
  }

  return {
    ...{ generationOf, isNewest, hasPublished, view, adopt },
    ...{ begin, grant, commit, capture, forget, fail, abandon, reset },
  }
}

export type AccountModel = ReturnType<typeof createAccountModel>

interface Step {
  nowMs: number
  fence?: number
}

function counted(submissions: readonly Submission[], nowMs: number): Submission[] {
  return submissions.filter(({ atMs }) => atMs > nowMs - dayMs)
}

function hasRoom(submissions: readonly Submission[], budget: LoginBudget, nowMs: number): boolean {
  const sent = counted(submissions, nowMs)
  const failed = sent.filter(({ outcome }) => outcome !== 'accepted')
  return sent.length < budget.loginsPerDay && failed.length < budget.failedPerDay
}

/** Room comes when something leaves the window: the first such moment that has room. */
function untilRoom(submissions: readonly Submission[], budget: LoginBudget, nowMs: number): number {
  const moments = submissions.map(({ atMs }) => atMs + dayMs).filter((atMs) => atMs > nowMs)
  const first = [nowMs, ...moments.sort((a, b) => a - b)].find((atMs) => hasRoom(submissions, budget, atMs))
  return first === undefined ? dayMs : first - nowMs
}
