import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { toLoopback } from '../../exit/local-exits.ts'
import { openHouse } from '../open-house.ts'
import { browsersIn } from './browsers-in.ts'

// What becomes of a browser that several visits share when one of them does not end, in a real Chromium.

async function open(t: Test) {
  const { house, folder } = await openHouse(t)
  const visit = () =>
    house.withContext({ signal: AbortSignal.timeout(30_000), exit: toLoopback }, (_context, _browser, page) =>
      page.evaluate<number>('1 + 1'),
    )

  /** A visit that has begun, and heeds nothing but `leave`. */
  async function stay(signal: AbortSignal) {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const { promise: left, resolve: leave } = Promise.withResolvers<void>()
    const ended = house.withContext({ signal, exit: toLoopback }, async (_context, _browser, page) => {
      begin()
      await left
      return page.evaluate<number>('1 + 1')
    })
    ended.catch(() => undefined)
    await begun
    return { ended, leave }
  }
  return { visit, stay, folder, browsers: () => readdirSync(join(folder, '1')).sort() }
}

t.test('one that hangs ends, and the next visit has another one', async (t) => {
  const { visit, stay, folder, browsers } = await open(t)
  const over = new AbortController()
  const hanging = await stay(over.signal)
  const bystander = await stay(AbortSignal.timeout(60_000))
  const stopped = await browsersIn(folder)
  const [main = 0] = stopped
  process.kill(main, 'SIGSTOP')
  over.abort(new Error('its time is over'))
  await t.rejects(hanging.ended, { message: 'its time is over' })
  t.equal(await visit(), 2)
  await t.rejects(
    bystander.ended,
    { code: 'login_unknown', message: /browser crashed/ },
    'long before its time',
  )
  const isLeft = async () => (await browsersIn(folder)).some((pid) => stopped.includes(pid))
  while ((await isLeft()) || browsers().length > 1) await delay(20)
  t.same(browsers(), ['2'])
})

t.test('one that answers goes on for the others', async (t) => {
  const { visit, stay, browsers } = await open(t)
  const over = new AbortController()
  const endless = await stay(over.signal)
  const other = await stay(AbortSignal.timeout(60_000))
  over.abort(new Error('its time is over'))
  await t.rejects(endless.ended, { message: 'its time is over' })
  t.equal(await visit(), 2)
  t.same(browsers(), ['1', '2'])
  other.leave()
  t.equal(await other.ended, 2)
  while (browsers().length > 1) await delay(20)
  t.same(browsers(), ['2'], 'and ends after the last one')
})
