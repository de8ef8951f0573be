import type { Cluster } from '../cluster/start-cluster.ts'
import type { History } from './history.ts'
import { readHistoryFiles } from './history-file.ts'

/** What the clients note. */
export type Told = Pick<History, 'reads' | 'refreshes' | 'uses'>

/** Puts together what clients, brokers and sites know. */
export function gatherHistory(cluster: Cluster, seen: Told & Pick<History, 'healedAtMs'>): History {
  return {
    ...seen,
    brokers: cluster.brokers.flatMap(({ lives }) => lives),
    calls: readHistoryFiles(cluster.folder),
    sites: countSites(cluster),
  }
}

export function countSites({ roles }: Cluster): History['sites'] {
  return roles.map(({ account, loginsPerDay, site }) => {
    const { loginsStarted, loginsSucceeded, maxInFlightPerAccount } = site.stats()
    return { account, loginsPerDay, loginsStarted, loginsSucceeded, maxInFlight: maxInFlightPerAccount }
  })
}
