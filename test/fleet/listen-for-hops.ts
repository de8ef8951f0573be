import { createBrokerClient } from '@session-broker/client'
import type { Hop } from './verdict/fleet-record.ts'

interface Heard {
  generation: number
  /** Since when the stream that brought it was open: what came by opening it is no event of a commit. */
  openSinceMs: number
  atMs: number
}

export interface HopListener {
  /** @param committedAtMs by the store's clock, which is this machine's. */
  hopsOf(generation: number, committedAtMs: number): Hop[]
}

/** Follows the events of each broker, and does nothing else with them than to note when they came. */
export function listenForHops(
  urls: readonly string[],
  { key, session, signal }: { key: string; session: string; signal: AbortSignal },
): HopListener {
  const heard: Heard[] = []

  async function listen(url: string): Promise<void> {
    const client = createBrokerClient({ url, key })
    let openSinceMs = Number.POSITIVE_INFINITY
    let newest = 0
    const onLink = ({ by }: { by: string }) => {
      openSinceMs = by === 'events' ? Date.now() : Number.POSITIVE_INFINITY
    }
    for await (const { generation } of client.watch({ session, signal, onLink })) {
      if (generation > newest) heard.push({ generation, openSinceMs, atMs: Date.now() })
      newest = generation
    }
    await client.close()
  }

  for (const url of urls) void listen(url)
  return {
    hopsOf: (generation, committedAtMs) =>
      heard
        .filter((each) => each.generation === generation && each.openSinceMs < committedAtMs)
        .map(({ atMs }) => ({ generation, hopMs: atMs - committedAtMs })),
  }
}
