import { ProblemError } from '@session-broker/shared'
import t from 'tap'
import { takeTurn } from '../../../apps/broker/src/session/take-turn.ts'
import { withinTime } from '../../../apps/broker/src/session/within-time.ts'
import { createManualClock } from '../http/manual-clock.ts'

/** Waits for the end of its time, and fails as whatever waits does. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })

t.test('what is done in time is what comes of it, a failure included', async (t) => {
  const bounds = { clock: createManualClock(), ms: 1_000, signal: new AbortController().signal }
  t.equal(await withinTime(bounds, async () => 'done'), 'done')
  await t.rejects(
    withinTime(bounds, () => Promise.reject(new TypeError('a mistake'))),
    TypeError,
  )
  t.equal(bounds.clock.waiting(), 0, 'nothing goes on')
})

t.test('what takes too long says nothing about the session', async (t) => {
  const clock = createManualClock()
  const work = withinTime({ clock, ms: 1_000, signal: new AbortController().signal }, untilAborted)
  clock.advance(1_000)
  await t.rejects(work, { code: 'check_unclear' })
})

t.test('a problem that the end of the time leads to is told as it is', async (t) => {
  const clock = createManualClock()
  const work = withinTime({ clock, ms: 1_000, signal: new AbortController().signal }, (signal) =>
    untilAborted(signal).catch(() => Promise.reject(new ProblemError('account_busy', 'busy'))),
  )
  clock.advance(1_000)
  await t.rejects(work, { code: 'account_busy' })
})

t.test('a broker that stops says so, also to whoever waits for the turn', async (t) => {
  const clock = createManualClock()
  const stopping = new AbortController()
  const mutex = { tryAcquire: async () => undefined, close: async () => undefined }
  const work = withinTime({ clock, ms: 60_000, signal: stopping.signal }, (signal) =>
    takeTurn({ mutex, clock }, { account: 'a', withinMs: 30_000, signal }),
  )
  stopping.abort(new Error('the broker is stopping'))
  await t.rejects(work, { code: 'shutting_down' })
})
