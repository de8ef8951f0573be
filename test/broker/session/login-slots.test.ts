import t from 'tap'
import { createLoginSlots, holdSlot } from '../../../apps/broker/src/session/login-slots.ts'

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

t.test('a slot is lent while its login waits for somebody, and waited for afterwards', async (t) => {
  const slots = createLoginSlots(1)
  const { signal } = new AbortController()
  const slot = await holdSlot(slots, signal)
  const order: string[] = []
  const work = async () => {
    const giveBack = await slots.take(signal)
    order.push('another login')
    setImmediate(() => {
      order.push('it ends')
      giveBack()
    })
  }
  await slot.lend(work)
  order.push('the first goes on')
  t.same(order, ['another login', 'it ends', 'the first goes on'])
  slot.giveBack()
  await slots.take(signal)

  const given = await holdSlot(createLoginSlots(1), signal)
  await t.rejects(
    given.lend(() => Promise.reject(new Error('nobody answered'))),
    /nobody answered/,
  )
  given.giveBack()
})

t.test('a login that ends while its slot is lent takes none again', async (t) => {
  const slots = createLoginSlots(1)
  const { signal } = new AbortController()
  const slot = await holdSlot(slots, signal)
  let end = () => {}
  const lent = slot.lend(() => new Promise<void>((resolve) => (end = resolve)))
  slot.giveBack()
  end()
  await lent
  await t.resolves(slots.take(AbortSignal.timeout(1_000)), 'it is free')
})
