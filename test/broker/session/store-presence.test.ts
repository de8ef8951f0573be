import { ProblemError } from '@session-broker/shared'
import t from 'tap'
import { watchStorePresence } from '../../../apps/broker/src/session/store-presence.ts'
import { until } from '../http/build-test-server.ts'
import { createManualClock } from '../http/manual-clock.ts'
import { silentLog } from './define-session.ts'

t.test('a store that does not answer is away since it last did, and told once', async (t) => {
  const clock = createManualClock()
  const lines: string[] = []
  const note = (_fields: object, message: string) => void lines.push(message)
  let answers = true
  const store = {
    ping: () => (answers ? Promise.resolve() : Promise.reject(new ProblemError('store_unavailable', ''))),
  }
  const presence = watchStorePresence({ store, clock, log: { ...silentLog, info: note, error: note } })
  t.teardown(() => presence.close())
  const pass = async (ms: number) => {
    await until(() => clock.waiting() === 1)
    clock.advance(ms)
    await until(() => clock.waiting() === 1)
  }
  await pass(1_000)
  t.equal(presence.awayForMs(), undefined)
  answers = false
  await pass(1_000)
  t.equal(presence.awayForMs(), 1_000)
  await pass(250)
  await pass(250)
  t.equal(presence.awayForMs(), 1_500)
  t.match(lines, [/does not answer/])
  answers = true
  await pass(250)
  t.equal(presence.awayForMs(), undefined, 'within a quarter of a second')
  t.match(lines, [/does not answer/, /is back/])
  presence.close()
  t.equal(clock.waiting(), 0)
})
