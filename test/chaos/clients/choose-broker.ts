import type { Chance } from '../chance.ts'
import type { ClusterBroker } from '../cluster/start-cluster.ts'

/** Any broker; but who has not answered is left alone for a while, as clients do. */
export interface BrokerChoice {
  pick(): ClusterBroker
  gaveNoAnswer(broker: ClusterBroker): void
}

const leftAloneMs = 2_000

export function createBrokerChoice(brokers: readonly ClusterBroker[], chance: Chance): BrokerChoice {
  const leftAloneUntilMs = new Map<ClusterBroker, number>()
  return {
    pick() {
      const nowMs = performance.now()
      const answering = brokers.filter((broker) => (leftAloneUntilMs.get(broker) ?? 0) <= nowMs)
      return chance.pick(answering.length > 0 ? answering : brokers)
    },
    gaveNoAnswer: (broker) => leftAloneUntilMs.set(broker, performance.now() + leftAloneMs),
  }
}
