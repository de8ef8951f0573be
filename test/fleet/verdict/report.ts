import { type Figures, figuresOf } from './figures.ts'
import type { FleetRecord, Round, Timed } from './fleet-record.ts'
import { judgeFleet } from './judge-fleet.ts'

const goal = 2
const mostShown = 20

/** What a run came to, in lines for people. */
export function report(record: FleetRecord): string[] {
  const { rounds, workers, applied, newest, timed } = record
  const violations = judgeFleet(record)
  const logins = rounds.reduce((sum, round) => sum + round.logins, 0)
  const askers = rounds.reduce((sum, round) => sum + round.askers, 0)
  const cut = rounds.filter(({ isCut }) => isCut).length
  const kills = rounds.filter(({ hasKill }) => hasKill).length
  const isReal = ({ worker }: Timed) => worker.startsWith('chrome-')
  const calm = new Set(rounds.filter((round) => !round.hasKill).map((round: Round) => round.generation))
  return [
    `${rounds.length} refreshes, asked for ${askers} times: ${logins} logins; ${kills} brokers killed, ${cut} of them in a login`,
    `${workers.length} workers, ${applied.length} states put in; the newest is ${newest.generation}.${newest.revision}`,
    '',
    ...timesOf('all', record, timed),
    ...timesOf(
      'in rounds without a kill',
      record,
      timed.filter(({ generation }) => calm.has(generation)),
    ),
    ...timesOf('with Chromium', record, timed.filter(isReal)),
    '  hop: from the commit, by the store’s clock, to its event at a worker',
    '  apply: from the worker’s decision to what was read back; commit to applied: as the brokers tell it in GET /workers',
    '',
    ...violations.slice(0, mostShown).map((violation) => `  ${violation}`),
    violations.length === 0
      ? 'one login for each refresh, every worker ends with the newest, none went back'
      : `${violations.length} violations`,
  ]
}

function timesOf(name: string, { hops }: FleetRecord, timed: readonly Timed[]): string[] {
  if (timed.length === 0) return []
  const told = figuresOf(timed.map(({ commitToAppliedMs }) => commitToAppliedMs))
  const apply = figuresOf(timed.map(({ applyMs }) => applyMs))
  const hop = figuresOf(hops.map(({ hopMs }) => hopMs))
  const p50 = told.p50 / (hop.p50 + apply.p50)
  const p99 = told.p99 / (hop.p99 + apply.p99)
  const isReached = p50 <= goal && p99 <= goal
  return [
    `${name}: commit to applied ${describe(told)}`,
    `  one event hop ${describe(hop)}; one apply ${describe(apply)}`,
    `  against hop + apply: p50 ${p50.toFixed(2)} ×, p99 ${p99.toFixed(2)} ×; ${isReached ? 'reached' : 'NOT reached'}: ${goal} ×`,
  ]
}

function describe({ count, p50, p99, most }: Figures): string {
  return `p50 ${Math.round(p50)}, p99 ${Math.round(p99)}, most ${Math.round(most)} ms (${count})`
}
