import t from 'tap'
import type { SabotageName } from './simulation/sabotage.ts'
import { search } from './simulation/search.ts'

// Of a machine with two cores both, and no more than these times of one that is busy.
const withinMs = 30_000
const timeout = 90_000
t.setTimeout(120_000)

t.test('whatever happens, in whatever order: nothing of what is promised breaks', { timeout }, async (t) => {
  const half = { sabotage: 'nothing', numRuns: 1_000, withinMs } as const
  const findings = await Promise.all([search(half), search(half)])
  for (const { counterexample } of findings) t.equal(counterexample, undefined)
  const runs = findings.reduce((sum, { numRuns }) => sum + numRuns, 0)
  t.comment(`${runs} plans, an interleaving each`)
  t.ok(runs >= 200, 'there were enough of them')
})

/** What it comes to when a guard is missing. */
const controls: Record<Exclude<SabotageName, 'nothing'>, RegExp> = {
  'the fence at the permit': /two logins in flight/,
  'the fence at the end': /a stale login replaced a newer one/,
  "the permit's wait": /two logins in flight/,
  'the look before the press': /after the end of their permit/,
  'the breaker': /the rejected secret \w+ may be sent again/,
  'the budget': /submissions within 24 hours/,
}

for (const [sabotage, violation] of Object.entries(controls)) {
  t.test(`without ${sabotage} one does, and is found`, { timeout }, async (t) => {
    const what = { sabotage: sabotage as SabotageName, seed: 10, isFirstEnough: true }
    const { numRuns, violations } = await search({ ...what, numRuns: 1_000 })
    t.match(violations, violation)
    t.comment(`after ${numRuns} runs`)
  })
}
