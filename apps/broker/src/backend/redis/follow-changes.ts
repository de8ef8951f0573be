import type { RedisSubscriber } from './connection.ts'
import { changesChannel } from './keys.ts'

/** Often enough to notice a connection that died without a word. */
const heartbeatMs = 5_000

/**
 * Subscribes to the changes, on a connection of its own.
 * @param tell gets each session's name; undefined after a break, in which any may have changed.
 * @returns what ends it; resolves once the subscription stands.
 */
export async function followChanges(
  { client, beat, onGap }: RedisSubscriber,
  tell: (session: string | undefined) => void,
): Promise<() => void> {
  const onMessage = (_channel: string, session: string) => tell(session)
  // Only once it is subscribed again is nothing missed any more; what it missed until then is told as "any".
  const onReady = () => {
    client.subscribe(changesChannel).then(
      () => tell(undefined),
      () => client.disconnect(true),
    )
  }
  const beating = setInterval(() => {
    if (client.status === 'ready') beat().catch(() => client.disconnect(true))
  }, heartbeatMs).unref()
  client.on('message', onMessage)
  await client.subscribe(changesChannel)
  client.on('ready', onReady)
  const stopGaps = onGap(() => tell(undefined))
  return () => {
    clearInterval(beating)
    stopGaps()
    client.off('message', onMessage)
    client.off('ready', onReady)
  }
}
