import type { BrokerProcess } from '@session-broker/stage/broker'

/** What one session of a broker that has several is asked. */
export type ServedSession = Pick<BrokerProcess, 'call' | 'refresh' | 'said'>

export function sessionAt(broker: BrokerProcess, session: string): ServedSession {
  return {
    said: broker.said,
    call: (path, options) => broker.call(`${path}?session=${session}`, options),
    refresh: (body, options) => broker.refresh(body, { session, ...options }),
  }
}
