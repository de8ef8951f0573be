/** Workers of a fleet: each the real worker, from its client to its report, with a Chrome that is a stand-in. */
import { parseArgs } from 'node:util'
import { createBrokerClient, isFinal } from '@session-broker/client'
import { systemClock } from '@session-broker/program/clock'
import { runWorker } from '../../../apps/worker/src/session/run-worker.ts'
import { seededChance } from '../../chaos/chance.ts'
import { contentOf } from '../verdict/content-of.ts'
import type { AppliedState, HeardEvent } from '../verdict/fleet-record.ts'
import { answerStale } from './answer-stale.ts'
import { createStandInChrome } from './stand-in-chrome.ts'
import { tellEvents } from './tell-events.ts'

const { values, positionals: names } = parseArgs({
  options: {
    broker: { type: 'string', multiple: true, default: [] },
    session: { type: 'string', default: '' },
    seed: { type: 'string', default: '0' },
    'look-every-ms': { type: 'string', default: '5000' },
    'stale-share': { type: 'string', default: '0' },
  },
  allowPositionals: true,
})
const key = process.env.SESSION_BROKER_KEY ?? ''
const chance = seededChance(Number(values.seed))
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
const log = {
  info: () => undefined,
  warn: () => undefined,
  error: ({ error }: { error?: unknown }, message: string) => console.error(message, error),
}

await Promise.all(
  names.map(async (workerId) => {
    const client = createBrokerClient({ url: values.broker, key })
    const chrome = createStandInChrome({
      workerId,
      chance: chance.fork(workerId),
      onApplied(state, applyMs) {
        const { generation, revision } = state
        const applied: AppliedState = {
          worker: workerId,
          generation,
          revision,
          applyMs,
          content: contentOf(state),
        }
        console.log(JSON.stringify(applied))
      },
    })
    const heard = (event: Omit<HeardEvent, 'worker'>) =>
      console.log(JSON.stringify({ worker: workerId, ...event }))
    const stale = { share: Number(values['stale-share']), chance: chance.fork(`stale ${workerId}`) }
    await runWorker(
      {
        broker: { ...client, watch: tellEvents(client, heard), cookies: answerStale(client, stale), isFinal },
        chromes: [chrome],
        clock: systemClock,
        log,
      },
      { sessions: [values.session], lookEveryMs: Number(values['look-every-ms']), signal: stop.signal },
    )
    await client.close()
  }),
)
