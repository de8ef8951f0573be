import t from 'tap'
import type { History, Read, RefreshTold, SiteCount, StoreCall, StoreStep } from '../history/history.ts'
import { checkHistory } from './check-history.ts'

/** Made-up histories: the checker finds nothing in a good one, and in each bad one exactly what is bad about it. */

const where = { session: 'shop', account: 'shop' }

function call(atMs: number, step: StoreStep, broker = 'b1.1'): StoreCall {
  const answered = step.answer === undefined ? {} : { answeredAtMs: atMs + 5 }
  return { ...where, broker, askedAtMs: atMs, ...answered, ...step }
}

const state = (generation: number, revision = 0) => ({
  generation,
  revision,
  mark: `m${generation}${revision}`,
  content: `c${generation}${revision}`,
})

/** Begin, permit and commit, 10 ms apart. */
function login(atMs: number, generation: number, fence = generation): StoreCall[] {
  const operationId = `o${generation}`
  return [
    call(atMs, { name: 'begin', operationId, fromGeneration: generation - 1, answer: fence }),
    call(atMs + 10, { name: 'permit', fence, durationMs: 1_000, answer: 'granted' }),
    call(atMs + 20, { name: 'commit', fence, operationId, ...state(generation), answer: 'committed' }),
  ]
}

function read(atMs: number, generation: number, more: Partial<Read> = {}): Read {
  const times = { startedAtMs: atMs, endedAtMs: atMs + 5 }
  return { session: 'shop', broker: 'b1.1', ...times, ...state(generation, more.revision), ...more }
}

function refresh(atMs: number, more: Partial<RefreshTold>): RefreshTold {
  const times = { startedAtMs: atMs, endedAtMs: atMs + 5 }
  const result = { seen: 1, generation: 2, revision: 0, outcome: 'renewed' as const }
  return { session: 'shop', broker: 'b1.1', ...times, ...result, ...more }
}

const site: SiteCount = {
  account: 'shop',
  loginsStarted: 2,
  loginsSucceeded: 2,
  maxInFlight: 1,
  loginsPerDay: 10,
}

/** Two logins, read while they came and at the end. */
const good: History = {
  brokers: [
    { broker: 'b1.1', startedAtMs: 0 },
    { broker: 'b2.1', startedAtMs: 0 },
  ],
  calls: [...login(100, 1), ...login(200, 2)],
  reads: [read(150, 1), read(250, 2), read(255, 1, { broker: 'b2.1' }), read(900, 2, { isLast: true })],
  refreshes: [refresh(190, { endedAtMs: 245 })],
  uses: [
    { session: 'shop', generation: 1, signIn: 1 },
    { session: 'shop', generation: 2, signIn: 2 },
  ],
  sites: [site],
  healedAtMs: 800,
}

const readsBefore = good.reads.slice(0, -1)

const rulesIn = (history: Partial<History>) =>
  checkHistory({ ...good, ...history }).map(({ rule, where: place, what }) => `${rule} ${place}: ${what}`)

t.test('nothing is wrong with a good history', async (t) => {
  t.same(rulesIn({}), [])
})

t.test('what nobody answered may have happened, or not', async (t) => {
  const [begin, permit, commit] = login(300, 3)
  if (!begin || !permit || !commit) throw new Error('a login has three steps')
  const { answeredAtMs: _, answer: __, ...unanswered } = commit as StoreCall & { answer?: unknown }
  const calls = [...good.calls, begin, permit, unanswered as StoreCall]
  const sites = [{ ...site, loginsStarted: 3 }]
  t.same(rulesIn({ calls, sites }), [], 'it has not')
  const reads = [...readsBefore, read(950, 3, { isLast: true })]
  t.same(rulesIn({ calls, sites, reads }), [], 'it has')
})

t.test('a login that began before a newer generation was published comes after it', async (t) => {
  const late = login(190, 3, 1.5)
  const calls = [...good.calls, ...late.slice(0, 1), call(400, { ...commitOf(late), answer: 'committed' })]
  const reads = [...readsBefore, read(950, 3, { isLast: true })]
  t.same(rulesIn({ calls, reads }), [
    'stale_overwrite shop: 3 came of a login that began 25 ms before 2 was published',
  ])
})

function commitOf(calls: readonly StoreCall[]): Extract<StoreStep, { name: 'commit' }> {
  for (const each of calls) {
    if (each.name !== 'commit') continue
    const { fence, operationId, generation, revision, mark, content } = each
    return { name: 'commit', fence, operationId, generation, revision, mark, content }
  }
  throw new Error('there is no commit')
}

t.test('the site says that a higher generation is of an earlier sign-in', async (t) => {
  const uses = [...good.uses, { session: 'shop', generation: 3, signIn: 1 }]
  t.same(rulesIn({ uses }), ['stale_overwrite shop: 3 is of sign-in 1, 2 already of 2'])
})

t.test('one generation is of two sign-ins', async (t) => {
  const uses = [...good.uses, { session: 'shop', generation: 2, signIn: 3 }]
  t.same(rulesIn({ uses }), ['published_twice shop: 2 is of sign-in 2 and of 3'])
})

t.test('one generation is published twice, or one login as two', async (t) => {
  const again = { ...commitOf(login(200, 2)), mark: 'other', operationId: 'o9', answer: 'committed' }
  t.same(rulesIn({ calls: [...good.calls, call(300, again)] }), ['published_twice shop: 2.0 has two states'])
  const more = { ...commitOf(login(200, 3)), operationId: 'o2', answer: 'committed' }
  const reads = [...readsBefore, read(950, 3, { isLast: true })]
  t.match(rulesIn({ calls: [...good.calls, call(300, more)], reads }), [
    'published_twice shop: one login is both 2 and 3',
  ])
})

t.test('a commit that was answered twice, since the first answer was lost, is one', async (t) => {
  const again = { ...commitOf(login(200, 2)), answer: 'committed' }
  t.same(rulesIn({ calls: [...good.calls, call(300, again)] }), [])
})

t.test('a broker serves what nobody published, or another state under its number', async (t) => {
  t.same(rulesIn({ reads: [...readsBefore, read(990, 3, { isLast: true })] }), [
    'unknown_state shop: b1.1 served 3.0, which nobody published',
  ])
  t.same(rulesIn({ reads: [...readsBefore, read(990, 2, { content: 'other', isLast: true })] }), [
    'unknown_state shop: b1.1 served 2.0 with another state than was published',
  ])
})

t.test('a read goes back at one broker', async (t) => {
  const back = 'read_went_back shop: b1.1 served 1.0 after 2.0'
  t.same(rulesIn({ reads: [...good.reads, read(260, 1)] }), [back])
  t.same(
    rulesIn({ refreshes: [], reads: [...good.reads, read(253, 1)] }),
    [],
    'it began before the other had ended',
  )
  const refreshes = [refresh(190, { endedAtMs: 230 })]
  t.same(rulesIn({ refreshes, reads: [...good.reads, read(235, 1)] }), [back], 'after what a refresh told')
})

t.test('a revision goes back', async (t) => {
  const revision = call(300, { name: 'revision', ...state(2, 1), answer: true })
  const reads = [
    ...readsBefore,
    read(400, 2, { revision: 1 }),
    read(410, 2),
    read(950, 2, { revision: 1, isLast: true }),
  ]
  t.same(rulesIn({ calls: [...good.calls, revision], reads }), [
    'read_went_back shop: b1.1 served 2.0 after 2.1',
  ])
})

t.test('a broker that starts serves what was acknowledged before', async (t) => {
  const brokers = [...good.brokers, { broker: 'b2.2', startedAtMs: 500 }]
  t.same(rulesIn({ brokers, reads: [...good.reads, read(600, 1, { broker: 'b2.2' })] }), [
    'read_went_back shop: b2.2 served 1.0 after 2.0',
  ])
})

t.test('what was acknowledged is gone in the end', async (t) => {
  const reads = [...readsBefore, read(900, 1, { broker: 'b2.1', isLast: true })]
  t.same(rulesIn({ reads }), ['commit_lost shop: b2.1 serves 1.0 in the end, not 2.0'])
  t.same(rulesIn({ reads: readsBefore }), ['commit_lost shop: nobody serves 2.0 in the end'])
})

t.test('a login begins while the permit of an earlier one is in force', async (t) => {
  const [begin, permit] = login(150, 5)
  if (!begin || !permit) throw new Error('a login begins so')
  const lost = [begin, permit]
  t.same(rulesIn({ calls: [...good.calls.slice(0, 3), ...lost, ...login(200, 2, 6)] }), [
    'permit_overlap shop: login 6 began 955 ms before the permit of 5 was over',
  ])
  const failed = call(170, { name: 'fail', fence: 5, answered: true, answer: 'done' })
  t.same(rulesIn({ calls: [...good.calls.slice(0, 3), ...lost, failed, ...login(200, 2, 6)] }), [])
  const unclear = call(170, { name: 'fail', fence: 5, answered: false, answer: 'done' })
  t.equal(rulesIn({ calls: [...good.calls.slice(0, 3), ...lost, unclear, ...login(200, 2, 6)] }).length, 1)
})

t.test('secrets are sent after the time of their permit', async (t) => {
  const press = (atMs: number) => ({ calls: [...good.calls, call(atMs, { name: 'press', fence: 2 })] })
  t.same(rulesIn(press(217)), [])
  t.same(rulesIn(press(2_000)), [
    'submitted_late shop: login 2 sent its secrets 765 ms after its permit was over',
  ])
})

t.test('the site has seen two logins at once, or more than were allowed', async (t) => {
  t.same(rulesIn({ sites: [{ ...site, maxInFlight: 2 }] }), [
    'site_overlap shop: 2 logins were under way at once',
  ])
  t.same(rulesIn({ sites: [{ ...site, loginsStarted: 3 }] }), [
    'submitted_without_permit shop: 3 submissions, 2 permits',
  ])
  t.same(rulesIn({ sites: [{ ...site, loginsPerDay: 1 }] }), [
    'over_budget shop: 2 submissions, where 1 were allowed',
  ])
})

t.test('a refresh tells something that is not so', async (t) => {
  t.same(rulesIn({ refreshes: [refresh(300, { seen: 2, outcome: 'newer' })] }), [
    'untrue_refresh shop: 2 was seen to fail, and the answer was newer 2',
  ])
  t.same(rulesIn({ refreshes: [refresh(300, { seen: 2, outcome: 'alive' })] }), [])
})
