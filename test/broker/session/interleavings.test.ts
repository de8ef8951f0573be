import t from 'tap'
import { times } from '../../times.ts'
import type { SabotageName } from './simulation/sabotage.ts'
import { search } from './simulation/search.ts'

// Of a machine with two cores both, and no more than these times of one that is busy.
const withinMs = times(30_000)
const timeout = withinMs + 60_000
t.setTimeout(timeout + 120_000)

t.test('whatever happens, in whatever order: nothing of what is promised breaks', { timeout }, async (t) => {
  const half = { sabotage: 'nothing', numRuns: times(250), withinMs } as const
  const findings = await Promise.all([search(half), search(half)])
  for (const { counterexample } of findings) t.equal(counterexample, undefined)
  const runs = findings.reduce((sum, { numRuns }) => sum + numRuns, 0)
  t.comment(`${runs} plans, an interleaving each`)
  t.ok(runs >= 200, 'there were enough of them')
})

/** What it comes to when a guard is missing, and the seed by which that is found soon. */
const controls: Record<Exclude<SabotageName, 'nothing'>, { violation: RegExp; seed: number }> = {
  'the fence at the permit': { violation: /two logins in flight/, seed: 2 },
  'the fence at the end': { violation: /a stale login replaced a newer one/, seed: 12 },
  "the permit's wait": { violation: /two logins in flight/, seed: 9 },
  'the look before the press': { violation: /after the end of their permit/, seed: 1 },
  'the breaker': { violation: /the rejected secret \w+ may be sent again/, seed: 10 },
  'the budget': { violation: /submissions within 24 hours/, seed: 10 },
  'the revision at a write-back': { violation: /a revision lost what the one before it had/, seed: 3 },
  'the state that a capture replaces': { violation: /a stale login replaced a newer one/, seed: 11 },
}

for (const [sabotage, { violation, seed }] of Object.entries(controls)) {
  t.test(`without ${sabotage} one does, and is found`, { timeout }, async (t) => {
    const what = { sabotage: sabotage as SabotageName, seed, isFirstEnough: true }
    const { numRuns, violations } = await search({ ...what, numRuns: 1_000 })
    t.match(violations, violation)
    t.comment(`after ${numRuns} runs`)
  })
}
