import { newestTold, publicationsOf } from '../check/publications.ts'
import { compareVersions } from '../check/versions.ts'
import type { Cluster } from '../cluster/start-cluster.ts'
import type { Told } from '../history/gather-history.ts'
import { machineMs } from '../history/history.ts'
import { readHistoryFiles } from '../history/history-file.ts'
import { readState } from './ask-broker.ts'
import { pause } from './play-client.ts'

const settleMs = 20_000

/**
 * Once all is healed, reads every session at every broker until none is behind what was acknowledged by now, or the time is
 * up. Logins may go on meanwhile; what is read last is kept.
 * @returns when it was healed.
 */
export async function lookAtAll(cluster: Cluster, { reads }: Told): Promise<number> {
  const healedAtMs = machineMs()
  const publications = publicationsOf({ calls: readHistoryFiles(cluster.folder), reads: [] })
  const tooLate = AbortSignal.timeout(settleMs)
  const looks = cluster.roles.flatMap(({ sessions }) =>
    sessions.flatMap((session) => cluster.brokers.map((broker) => ({ cluster, broker, session }))),
  )
  await Promise.all(
    looks.map(async (asking) => {
      const newest = newestTold(publications, asking.session, healedAtMs)
      for (;;) {
        const { read } = await readState(asking, { waitSeconds: 0 })
        const isSettled = read && (!newest || compareVersions(read, newest) >= 0)
        if (read && (isSettled || tooLate.aborted)) reads.push({ ...read, isLast: true })
        if (isSettled || tooLate.aborted) return
        await pause(100, tooLate)
      }
    }),
  )
  return healedAtMs
}
