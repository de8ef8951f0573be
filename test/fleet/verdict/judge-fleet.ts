import type { AppliedState, FleetRecord, Round, Version } from './fleet-record.ts'

/** What a fleet must not do; nothing where all is well. */
export function judgeFleet(record: FleetRecord): string[] {
  return [
    ...record.rounds.flatMap((round, index) => judgeRound(round, record.rounds[index - 1], index)),
    ...record.workers.flatMap((worker) => [
      ...judgeHistory(
        worker,
        record.applied.filter((each) => each.worker === worker),
      ),
      ...judgeEnd(worker, record),
    ]),
  ]
}

/** One login for each refresh; where a broker died of it, one more. */
function judgeRound(round: Round, before: Round | undefined, index: number): string[] {
  const { logins, generation, isCut } = round
  const most = isCut ? 2 : 1
  const expected = (before?.generation ?? 0) + 1
  return [
    ...(logins >= 1 && logins <= most ? [] : [`refresh ${index}: ${logins} logins`]),
    ...(generation === expected
      ? []
      : [`refresh ${index}: generation ${generation} in place of ${expected}`]),
  ]
}

/** What a Chrome holds never goes back. */
function judgeHistory(worker: string, history: readonly AppliedState[]): string[] {
  return history.flatMap((now, index) => {
    const before = history[index - 1]
    if (!before || compare(before, now) <= 0) return []
    return [`${worker} went from ${nameOf(before)} to ${nameOf(now)}`]
  })
}

function judgeEnd(worker: string, { newest, ends }: FleetRecord): string[] {
  const end = ends.find((each) => each.worker === worker)
  if (!end) return [`${worker} has reported nothing`]
  const { outcome, content } = end
  if (compare(end, newest) !== 0 || outcome !== 'applied') {
    return [`${worker} ends with ${nameOf(end)}, ${outcome}, and the newest is ${nameOf(newest)}`]
  }
  return content === newest.content ? [] : [`${worker} holds something else than ${nameOf(newest)}`]
}

function compare(a: Version, b: Version): number {
  return a.generation - b.generation || a.revision - b.revision
}

const nameOf = ({ generation, revision }: Version) => `${generation}.${revision}`
