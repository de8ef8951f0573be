import type { History, StoreCall } from '../history/history.ts'
import type { Violation } from './violation.ts'

/** One login at a time for each account: by the permits that were given, and by what the site has counted. */
export function checkLogins(history: History): Violation[] {
  const byAccount = Map.groupBy(history.calls, ({ account }) => account)
  const ofAccounts = [...byAccount].flatMap(([account, calls]) => [
    ...permitOverlaps(account, calls),
    ...latePresses(account, calls),
  ])
  return [...ofAccounts, ...atTheSites(history, byAccount)]
}

/** The clocks of Redis and of this machine's monotonic time need not tick alike to the last. */
const toleranceMs = 20

/** No login begins while the permit of an earlier one is in force. */
function permitOverlaps(account: string, calls: readonly StoreCall[]): Violation[] {
  const violations: Violation[] = []
  const inForce = permitsInForce(calls)
  const begins = calls
    .flatMap((call) =>
      call.name === 'begin' && typeof call.answer === 'number' && call.answeredAtMs !== undefined
        ? [{ fence: call.answer, begunAtMs: call.answeredAtMs }]
        : [],
    )
    .sort((a, b) => a.fence - b.fence)
  let former: { fence: number; untilMs: number } | undefined
  for (const { fence, begunAtMs } of begins) {
    if (former && fence > former.fence && begunAtMs < former.untilMs - toleranceMs) {
      const earlyMs = Math.round(former.untilMs - begunAtMs)
      const what = `login ${fence} began ${earlyMs} ms before the permit of ${former.fence} was over`
      violations.push({ rule: 'permit_overlap', where: account, what })
    }
    const untilMs = inForce.get(fence)
    if (untilMs !== undefined && untilMs > (former?.untilMs ?? 0)) former = { fence, untilMs }
  }
  return violations
}

/** Until when the permit of each fence was in force at least. */
function permitsInForce(calls: readonly StoreCall[]): Map<number, number> {
  const untilMs = new Map<number, number>()
  const endedAtMs = new Map<number, number>()
  for (const call of calls) {
    if (call.name === 'permit' && call.answer === 'granted') {
      const ends = call.askedAtMs + call.durationMs
      untilMs.set(call.fence, Math.max(untilMs.get(call.fence) ?? 0, ends))
    }
    const endsIt = call.name === 'commit' || (call.name === 'fail' && call.answered)
    if (endsIt && !endedAtMs.has(call.fence)) endedAtMs.set(call.fence, call.askedAtMs)
  }
  for (const [fence, ended] of endedAtMs) {
    const until = untilMs.get(fence)
    if (until !== undefined) untilMs.set(fence, Math.min(until, ended))
  }
  return untilMs
}

/** No secret is sent after the time of its permit. */
function latePresses(account: string, calls: readonly StoreCall[]): Violation[] {
  const overAtMs = new Map<number, number>()
  for (const call of calls) {
    if (call.name !== 'permit' || call.answer !== 'granted' || call.answeredAtMs === undefined) continue
    overAtMs.set(call.fence, Math.max(overAtMs.get(call.fence) ?? 0, call.answeredAtMs + call.durationMs))
  }
  return calls.flatMap((call) => {
    if (call.name !== 'press') return []
    const overAt = overAtMs.get(call.fence)
    // None at all is seen where all are counted.
    if (overAt === undefined) return []
    const lateMs = Math.round(call.askedAtMs - overAt - toleranceMs)
    if (lateMs <= 0) return []
    const what = `login ${call.fence} sent its secrets ${lateMs} ms after its permit was over`
    return [{ rule: 'submitted_late', where: account, what }]
  })
}

function atTheSites({ sites }: History, byAccount: Map<string, StoreCall[]>): Violation[] {
  return sites.flatMap(({ account, maxInFlight, loginsStarted, loginsPerDay }) => {
    const permits = new Set(
      (byAccount.get(account) ?? []).flatMap((call) =>
        call.name === 'permit' && call.answer === 'granted' ? [call.fence] : [],
      ),
    )
    const violations: Violation[] = []
    const note = (rule: Violation['rule'], what: string) => violations.push({ rule, where: account, what })
    if (maxInFlight > 1) note('site_overlap', `${maxInFlight} logins were under way at once`)
    if (loginsStarted > permits.size)
      note('submitted_without_permit', `${loginsStarted} submissions, ${permits.size} permits`)
    if (loginsStarted > loginsPerDay)
      note('over_budget', `${loginsStarted} submissions, where ${loginsPerDay} were allowed`)
    return violations
  })
}
