import type { BrokerClient } from '@session-broker/client'
import type { HeardEvent } from '../verdict/fleet-record.ts'

/** The client's `watch`, with each new generation told as it comes. */
export function tellEvents(
  client: Pick<BrokerClient, 'watch'>,
  tell: (event: Omit<HeardEvent, 'worker'>) => void,
): BrokerClient['watch'] {
  return async function* watch(options) {
    let openSinceMs = Number.POSITIVE_INFINITY
    let newest = 0
    const onLink: typeof options.onLink = (link) => {
      openSinceMs = link.by === 'events' ? Date.now() : Number.POSITIVE_INFINITY
      options.onLink?.(link)
    }
    for await (const event of client.watch({ ...options, onLink })) {
      const { generation } = event
      if (generation > newest) tell({ generation, openSinceMs, atMs: Date.now() })
      newest = generation
      yield event
    }
  }
}
