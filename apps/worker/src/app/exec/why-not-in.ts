import { createBrokerClient } from '@session-broker/client'
import { tellLogin } from '../tell-login.ts'
import type { Missing } from './signed-in-board.ts'

export interface WhyOrder {
  brokers: readonly string[]
  key: string
  missing: Missing
  /** What went wrong last, as the log has it. */
  troubles: readonly string[]
}

const askMs = 5_000

/** Why a session is not in, from what is known here and what the broker says of its login. */
export async function whyNotIn({ missing, troubles, ...order }: WhyOrder): Promise<string> {
  const here = tellHere(missing)
  const login = await askLogin(order, missing.session)
  const reasons = [...(here ? [here] : []), ...troubles, ...(login ? [login] : [])]
  return reasons.length > 0 ? reasons.join('; ') : 'nothing has been heard of it yet'
}

function tellHere({ standing }: Missing): string | undefined {
  if (!standing || standing.outcome === 'waiting' || standing.outcome === 'given_up') return undefined
  const { outcome, detail, seen } = standing
  if (outcome === 'refused') return `this Chrome refuses the state: ${detail ?? 'it does not say why'}`
  if (outcome === 'standing_by')
    return `another worker acts in this Chrome, and it was not seen signed in${detail ? ` (${detail})` : ''}`
  if (outcome === 'chrome_unreachable') return 'Chrome has gone'
  if (outcome === 'not_accepted_here')
    return 'the broker finds it alive, and this Chrome is signed out with it: does it leave by another address, or with another user agent?'
  return seen === 'signed_out' ? 'this Chrome is signed out' : 'it is in, and nobody has looked yet'
}

async function askLogin(
  { brokers, key }: Pick<WhyOrder, 'brokers' | 'key'>,
  session: string,
): Promise<string | undefined> {
  const client = createBrokerClient({ url: brokers, key })
  try {
    return tellLogin(await client.summary(session, AbortSignal.timeout(askMs)))
  } catch {
    // The troubles have it already.
    return undefined
  } finally {
    await client.close()
  }
}
