import type { Chance } from '../chaos/chance.ts'

export interface PlannedRound {
  /** How many ask for the refresh at once. */
  askers: number
  kill?: {
    /** Of a broker, after the sessions at the site have ended. */
    afterMs: number
    broker: number
  }
}

export interface RoundsPlan {
  rounds: number
  everyMs: number
  killEveryMs: number
  brokers: number
}

const mostAskers = 6
/** A login over HTTP takes some tens of milliseconds. */
const inLoginMs = [0, 60] as const

/** A round every `everyMs`, a kill every `killEveryMs`; each third of these where a login is under way. */
export function planRounds(
  chance: Chance,
  { rounds, everyMs, killEveryMs, brokers }: RoundsPlan,
): PlannedRound[] {
  const roundsToKill = Math.max(1, Math.round(killEveryMs / everyMs))
  let kills = 0
  return Array.from({ length: rounds }, (_, index) => {
    const askers = 1 + Math.floor(chance.next() * mostAskers)
    if (index % roundsToKill !== roundsToKill - 1) return { askers }
    kills += 1
    const afterMs = kills % 3 === 0 ? chance.between(...inLoginMs) : chance.between(0, everyMs)
    return { askers, kill: { afterMs, broker: Math.floor(chance.next() * brokers) } }
  })
}
