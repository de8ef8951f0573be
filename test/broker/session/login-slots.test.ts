import t from 'tap'
import { createLoginSlots } from '../../../apps/broker/src/session/login-slots.ts'

t.test('login slots bound how many are signed in at once, in the order of asking', async (t) => {
  const slots = createLoginSlots(2)
  const { signal } = new AbortController()
  const order: string[] = []
  const giveBack = await slots.take(signal)
  await slots.take(signal)
  const third = slots.take(signal).then(() => order.push('third'))
  const leaving = new AbortController()
  const fourth = slots.take(leaving.signal)
  const fifth = slots.take(signal).then(() => order.push('fifth'))
  leaving.abort(new Error('enough'))
  await t.rejects(fourth, /enough/)
  t.same(order, [])
  giveBack()
  await third
  t.same(order, ['third'])
  giveBack()
  await fifth
  t.same(order, ['third', 'fifth'])
})
