import { setTimeout as sleep } from 'node:timers/promises'
import { type BrokerClient, createBrokerClient } from '@session-broker/client'
import type { Verdict } from '@session-broker/shared'
import { connectToChrome } from '../../cdp/connect-to-chrome.ts'
import { lookSignedIn } from '../../cdp/look-signed-in.ts'
import type { Standing } from '../../session/standings.ts'

export interface LookBeside {
  brokers: readonly string[]
  key: string
  /** Of a worker that stands by: another acts in this Chrome, and looks for itself alone. */
  standing: Standing
  signal: AbortSignal
}

const everyMs = 1_000

/** Looks until the Chrome in which another worker acts is seen signed in. @returns false where the signal came first; never rejects */
export async function lookBeside({ brokers, key, standing, signal }: LookBeside): Promise<boolean> {
  const client = createBrokerClient({ url: brokers, key })
  try {
    while (!signal.aborted) {
      // Whatever fails here, the worker itself meets as well, and its log tells.
      const verdict = await lookOnce(client, standing, signal).catch(() => undefined)
      if (verdict === 'signed_in') return true
      await sleep(everyMs, undefined, { signal }).catch(() => undefined)
    }
    return false
  } finally {
    await client.close()
  }
}

async function lookOnce(
  client: Pick<BrokerClient, 'summary'>,
  { address, session }: Standing,
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  const { check } = await client.summary(session, signal)
  if (!check) return undefined
  const connection = await connectToChrome(address, { signal })
  try {
    return await lookSignedIn(connection, check, { signal })
  } finally {
    connection.close()
  }
}
