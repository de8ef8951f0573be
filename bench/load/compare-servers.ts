import { median } from '../bench-row.ts'
import { type Load, putLoad } from './put-load.ts'
import type { ServerProcess } from './server-process.ts'

export interface Side {
  server: ServerProcess
  load: Omit<Load, 'seconds'>
}

export interface Measure {
  perSecond: number
  /** CPU that the server used for one request: what others do on this machine moves it less than the throughput. */
  cpuMicros: number
}

export interface Comparison {
  ours: Measure
  against: Measure
}

/** Both sides in turn, round after round, so that what the machine does besides meets both; medians of the rounds. */
export async function compareServers(
  { ours, against }: { ours: Side; against: Side },
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<Comparison> {
  const measured: { ours: Measure[]; against: Measure[] } = { ours: [], against: [] }
  // The first round only warms up.
  for (let round = 0; round <= rounds; round++) {
    const pair = { against: await measure(against, seconds), ours: await measure(ours, seconds) }
    if (round === 0) continue
    measured.ours.push(pair.ours)
    measured.against.push(pair.against)
  }
  return { ours: medians(measured.ours), against: medians(measured.against) }
}

async function measure({ server, load }: Side, seconds: number): Promise<Measure> {
  const before = await server.cpuMicros()
  const { requests, perSecond } = await putLoad({ ...load, seconds })
  return { perSecond, cpuMicros: ((await server.cpuMicros()) - before) / requests }
}

function medians(measures: readonly Measure[]): Measure {
  return {
    perSecond: median(measures.map(({ perSecond }) => perSecond)),
    cpuMicros: median(measures.map(({ cpuMicros }) => cpuMicros)),
  }
}
