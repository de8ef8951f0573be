import type { BrokerPort, CookiesAnswer } from '../../../apps/worker/src/session/ports/broker.ts'
import type { Chance } from '../../chaos/chance.ts'

/** The client's `cookies`, now and then with a former state, as a replica that lags behind has it; never twice in a row. */
export function answerStale(
  { cookies }: Pick<BrokerPort, 'cookies'>,
  { share, chance }: { share: number; chance: Chance },
): BrokerPort['cookies'] {
  const given: CookiesAnswer[] = []
  let wasStale = false
  return async (options) => {
    const answer = await cookies(options)
    if (answer.kind === 'session') given.push(answer)
    const stale = given.at(-3) ?? given.at(-2)
    wasStale = !wasStale && stale !== undefined && chance.next() < share
    return wasStale && stale ? stale : answer
  }
}
