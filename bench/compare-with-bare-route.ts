import type { BenchLength, BenchRow } from './bench-row.ts'
import { compareServers } from './load/compare-servers.ts'
import { startServer } from './load/server-process.ts'
import { benchKey } from './servers/bench-key.ts'

const path = '/session/cookies?session=shop'

/** The broker's cookie route against a Fastify route that sends the same bytes and does nothing else; same requests. */
export async function compareWithBareRoute(
  { what, goal, status }: { what: string; goal: number; status: 200 | 304 },
  length: BenchLength,
): Promise<BenchRow> {
  await using bare = await startServer('bare-server.ts')
  await using broker = await startServer('broker-server.ts')
  const common = { authorization: `Bearer ${benchKey}` }
  const headers = status === 304 ? { ...common, 'if-none-match': broker.etag } : common
  const { ours, against } = await compareServers(
    {
      ours: { server: broker, load: { url: broker.origin + path, headers, status } },
      against: { server: bare, load: { url: bare.origin + path, headers, status: 200 } },
    },
    length,
  )
  const perSecond = `${Math.round(ours.perSecond)} : ${Math.round(against.perSecond)} req/s`
  const cpu = `${ours.cpuMicros.toFixed(1)} : ${against.cpuMicros.toFixed(1)} µs CPU a request`
  return {
    what,
    against: 'a bare Fastify route with the same buffer',
    goal,
    better: 'more',
    ratio: ours.perSecond / against.perSecond,
    details: `${perSecond}, ${cpu} (${(against.cpuMicros / ours.cpuMicros).toFixed(2)} ×)`,
  }
}
