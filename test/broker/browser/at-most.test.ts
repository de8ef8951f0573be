import t from 'tap'
import { atMost } from '../../../apps/broker/src/browser/at-most.ts'

t.test('work that ends or fails in time is waited for', async (t) => {
  let isDone = false
  const work = Promise.resolve().then(() => {
    isDone = true
  })
  await atMost(60_000, work)
  t.ok(isDone)
  await atMost(60_000, Promise.reject(new Error('mine')))
})

t.test('work that hangs is waited for no longer than the time', async () => {
  await atMost(10, new Promise(() => undefined))
})
