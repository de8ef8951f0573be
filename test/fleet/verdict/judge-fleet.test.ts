import t from 'tap'
import type { FleetRecord } from './fleet-record.ts'
import { judgeFleet } from './judge-fleet.ts'

const round = { askers: 3, logins: 1, isCut: false, hasKill: false }
const version = (generation: number) => ({ generation, revision: 0 })
const applied = (worker: string, generation: number) => ({ worker, ...version(generation), applyMs: 30 })
const end = (worker: string) => ({ worker, ...version(2), outcome: 'applied', content: 'b' })

const good: FleetRecord = {
  workers: ['one', 'two'],
  rounds: [
    { ...round, generation: 1 },
    { ...round, generation: 2 },
  ],
  applied: [applied('one', 1), applied('two', 2), applied('one', 2)],
  newest: { ...version(2), content: 'b' },
  ends: [end('one'), end('two')],
  timed: [],
  hops: [],
}

t.test('a fleet that did as it should', async (t) => {
  t.same(judgeFleet(good), [])
  const cut = { ...round, generation: 2, logins: 2, isCut: true, hasKill: true }
  t.same(judgeFleet({ ...good, rounds: [{ ...round, generation: 1 }, cut] }), [])
})

t.test('what it should not have done', async (t) => {
  const [first] = good.rounds
  if (!first) throw new Error('there is one')
  for (const [what, part, says] of [
    ['two logins for one refresh', { rounds: [first, { ...round, generation: 2, logins: 2 }] }, /2 logins/],
    [
      'a refresh that came to nothing',
      { rounds: [first, { ...round, generation: 2, logins: 0 }] },
      /0 logins/,
    ],
    ['a generation too many', { rounds: [first, { ...round, generation: 3 }] }, /generation 3 in place of 2/],
    [
      'a Chrome that went back',
      { applied: [...good.applied, applied('two', 1)] },
      /two went from 2\.0 to 1\.0/,
    ],
    [
      'one that was left behind',
      { ends: [end('one'), { ...end('two'), ...version(1) }] },
      /two ends with 1\.0/,
    ],
    ['one that refused', { ends: [end('one'), { ...end('two'), outcome: 'refused' }] }, /two ends.*refused/],
    ['one that holds other cookies', { ends: [end('one'), { ...end('two'), content: 'a' }] }, /two holds/],
    ['one that was not heard of', { ends: [end('one')] }, /two has reported nothing/],
  ] as const) {
    const violations = judgeFleet({ ...good, ...part })
    t.equal(violations.length, 1, what)
    t.match(violations[0], says)
  }
})
