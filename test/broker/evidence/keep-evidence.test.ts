import { EventEmitter, once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { recipeSchema } from '@session-broker/shared'
import t, { type Test } from 'tap'
import { openEvidence } from '../../../apps/broker/src/evidence/keep-evidence.ts'
import type { FailureEvidence } from '../../../apps/broker/src/session/ports/evidence-keeper.ts'

const hour = 3_600_000
const plenty = { keep: 1_000, maxAgeMs: 365 * 24 * hour, maxBytes: 50_000_000 }

async function openGround(t: Test, limits: Partial<typeof plenty> = {}) {
  const data = t.testdir()
  const warnings: string[] = []
  const time = { ms: Date.parse('2026-11-25T18:30:00Z') }
  const over = new AbortController()
  const days = new EventEmitter()
  const waits: number[] = []
  async function wait(ms: number, signal: AbortSignal): Promise<void> {
    waits.push(ms)
    days.emit('night')
    await once(days, 'morning', { signal }).catch(() => undefined)
  }
  const nextDay = async () => {
    const night = once(days, 'night')
    days.emit('morning')
    await night
  }
  t.teardown(() => over.abort())
  const keep = await openEvidence({
    data,
    limits: { ...plenty, ...limits },
    clock: { now: () => time.ms, wait },
    signal: over.signal,
    log: { warn: (_, message) => warnings.push(message) },
  })
  const kept = (session: string) =>
    existsSync(join(data, 'evidence', session)) ? readdirSync(join(data, 'evidence', session)).sort() : []
  return { data, time, keep, kept, warnings, waits, nextDay, end: () => over.abort() }
}

function failure(part: Partial<FailureEvidence> = {}): FailureEvidence {
  const steps = [{ atMs: 5, url: 'https://shop.test/login', what: 'did', text: 'pressed' }] as const
  return {
    ...{ session: 'shop', class: 'captcha', detail: 'it asks for a secret', tookMs: 1_234 },
    recipe: recipeSchema.parse({ before: [{ fill: '#tenant', with: 'customer 7' }] }),
    traces: {
      ...{ steps, browser: 'Chromium 1.2', url: 'https://shop.test/login', text: 'Type the letters' },
      picture: Buffer.from('a picture'),
      clean: (text) => text.replace('secret', '•••'),
    },
    ...part,
  }
}

t.test('a report and a picture are kept for the user of the broker alone', async (t) => {
  const { data, keep } = await openGround(t)
  const where = await keep(failure())
  t.equal(where, join('evidence', 'shop', '2026-11-25T18-30-00.000Z-captcha'))
  const folder = join(data, where ?? '')
  t.equal(readFileSync(join(folder, 'page.png'), 'utf8'), 'a picture')
  t.match(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')), {
    ...{ session: 'shop', at: '2026-11-25T18:30:00.000Z', class: 'captcha', tookMs: 1_234 },
    ...{ detail: 'it asks for a •••', url: 'https://shop.test/login', text: 'Type the letters' },
    ...{ browser: 'Chromium 1.2', trail: [{ atMs: 5, url: 'https://shop.test/login', did: 'pressed' }] },
    recipe: { before: [{ fill: '#tenant' }] },
  })
  t.notMatch(readFileSync(join(folder, 'report.json'), 'utf8'), 'customer 7', 'nothing that was typed')
  for (const each of [folder, join(folder, '..'), join(folder, '../..')])
    t.equal(statSync(each).mode & 0o777, 0o700)
  for (const file of readdirSync(folder)) t.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file)
})

t.test('of the recipe stands what helps to mend it, and no secret', async (t) => {
  const { data, keep } = await openGround(t)
  const recipe = recipeSchema.parse({
    fields: { username: '#user' },
    before: [
      { goto: 'https://me:pass@shop.test/in?key=4711#x' },
      { click: 'text=secret' },
      { select: '#tenant', option: 'customer 7' },
      { waitFor: '#later', optional: true },
    ],
    logout: { url: 'https://me:pass@shop.test/out?key=4711', steps: [{ press: 'Enter' }] },
  })
  const folder = join(data, (await keep(failure({ recipe }))) ?? '')
  const report = readFileSync(join(folder, 'report.json'), 'utf8')
  t.match(JSON.parse(report).recipe, {
    fields: { username: '#user' },
    before: [
      { goto: 'https://shop.test/in' },
      { click: 'text=•••' },
      { select: '#tenant' },
      { waitFor: '#later', optional: true },
    ],
    logout: { url: 'https://shop.test/out', steps: [{ press: 'Enter' }] },
  })
  t.notMatch(report, /4711|me:pass|customer 7/)
})

t.test('without a picture the report says so', async (t) => {
  const { data, keep } = await openGround(t)
  const { picture: _, ...traces } = failure().traces
  const folder = join(data, (await keep(failure({ traces }))) ?? '')
  t.same(readdirSync(folder), ['report.json'])
  t.match(readFileSync(join(folder, 'report.json'), 'utf8'), '"picture": "none could be taken"')
})

t.test('of each session the newest are kept', async (t) => {
  const { keep, kept, time } = await openGround(t, { keep: 2 })
  for (let failures = 0; failures < 4; failures++) {
    await keep(failure())
    await keep(failure({ session: 'other' }))
    time.ms += 1_000
  }
  const newest = ['2026-11-25T18-30-02.000Z-captcha', '2026-11-25T18-30-03.000Z-captcha']
  t.same(kept('shop'), newest)
  t.same(kept('other'), newest)
})

t.test('what is too old goes at the next failure, and at the start', async (t) => {
  const { data, keep, kept, time } = await openGround(t, { maxAgeMs: hour })
  await keep(failure())
  time.ms += 2 * hour
  await keep(failure({ session: 'other' }))
  t.same(kept('shop'), [])
  time.ms += 2 * hour
  const limits = { ...plenty, maxAgeMs: hour }
  const clock = { now: () => time.ms, wait: () => Promise.resolve() }
  await openEvidence({ data, limits, clock, log: { warn: () => undefined }, signal: AbortSignal.abort() })
  t.same(kept('other'), [])
})

t.test('what is too old goes every day, until the broker ends', async (t) => {
  const { keep, kept, time, waits, nextDay, end } = await openGround(t, { maxAgeMs: 36 * hour })
  await keep(failure())
  for (const left of [1, 0]) {
    time.ms += 24 * hour
    await nextDay()
    t.equal(kept('shop').length, left)
  }
  t.same(waits, [24 * hour, 24 * hour, 24 * hour])
  end()
  await keep(failure())
  t.equal(waits.length, 3)
})

t.test('a shorter age is kept to', async (t) => {
  t.same((await openGround(t, { maxAgeMs: hour })).waits, [hour])
})

t.test('all together take no more room than they may, the oldest goes first', async (t) => {
  const { keep, kept, time } = await openGround(t, { maxBytes: 25_000 })
  const traces = { ...failure().traces, picture: Buffer.alloc(10_000) }
  for (const session of ['a', 'b', 'c']) {
    await keep(failure({ session, traces }))
    time.ms += 1_000
  }
  t.same(
    ['a', 'b', 'c'].map((session) => kept(session).length),
    [0, 1, 1],
  )
})

t.test('what somebody else has put there is left alone', async (t) => {
  const { data, keep, kept } = await openGround(t, { keep: 1 })
  await keep(failure())
  mkdirSync(join(data, 'evidence/shop/mine'))
  await keep(failure({ class: 'locked' }))
  t.ok(kept('shop').includes('mine'))
})

t.test('a folder that cannot be written to costs the login nothing', async (t) => {
  const { data, keep, warnings } = await openGround(t)
  rmSync(join(data, 'evidence'), { recursive: true, force: true })
  writeFileSync(join(data, 'evidence'), 'in the way')
  t.equal(await keep(failure()), undefined)
  t.match(warnings, ['the evidence of a failed login could not be kept'])
})
