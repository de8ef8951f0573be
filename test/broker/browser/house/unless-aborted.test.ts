import t from 'tap'
import { unlessAborted } from '../../../../apps/broker/src/browser/house/unless-aborted.ts'

t.test('work that ends in time is what it comes to', async (t) => {
  const { signal } = new AbortController()
  t.equal(await unlessAborted(Promise.resolve(7), signal), 7)
  await t.rejects(unlessAborted(Promise.reject(new Error('mine')), signal), { message: 'mine' })
})

t.test(
  'an abort ends the wait at once, also one that came before, and what becomes of the work bothers nobody',
  async (t) => {
    const aborting = new AbortController()
    const work = Promise.withResolvers<never>()
    const waiting = unlessAborted(work.promise, aborting.signal)
    aborting.abort(new Error('over'))
    await t.rejects(waiting, { message: 'over' })
    await t.rejects(unlessAborted(new Promise(() => undefined), aborting.signal), { message: 'over' })
    work.reject(new Error('late'))
  },
)
