import { readFile } from 'node:fs/promises'
import { failureClasses, ProblemError } from '@session-broker/shared'
import t from 'tap'
import {
  backOffMs,
  type FailurePolicy,
  failureClassOf,
  failurePolicies,
} from '../../../apps/broker/src/session/failure-policy.ts'

const page = await readFile(new URL('../../../docs/errors.md', import.meta.url), 'utf8')

/** As the page writes it: `15 min`. */
function inWords(ms: number): string {
  if (ms < 60_000) return `${ms / 1_000} s`
  return ms < 3_600_000 ? `${ms / 60_000} min` : `${ms / 3_600_000} h`
}

t.test('docs/errors.md tells of each class what the policy is', async (t) => {
  const rows = new Map(
    [...page.matchAll(/^\| `([a-z_]+)` \|.*\| ([^|]+) \|$/gm)].map(([, name = '', next = '']) => [
      name,
      next,
    ]),
  )
  for (const name of failureClasses) {
    const { opens, backOff, answered }: FailurePolicy = failurePolicies[name]
    const next = rows.get(name) ?? ''
    if (opens === 'until_reset') t.equal(next, 'locked out until a reset', name)
    if (opens === 'until_secret_changes')
      t.match(next, /^locked out until the username or the password/, name)
    if (backOff) {
      const figures = `back-off ${inWords(backOff.firstMs)} to ${inWords(backOff.mostMs)}`
      // The page leaves a unit out that comes twice.
      t.ok(next.replace(/(\d+) to/, '$1 to').startsWith(figures), `${name}: ${figures}`)
    }
    t.equal(/permit/.test(next), !answered, `${name}: whether the permit's time is waited for`)
    t.ok(opens || backOff, `${name}: no failure is repeated at once`)
  }
})

t.test('only what is a failure has a class', async (t) => {
  t.equal(failureClassOf(new ProblemError('login_locked', '')), 'locked')
  for (const code of ['login_abandoned', 'login_budget_spent', 'store_unavailable'] as const) {
    t.equal(failureClassOf(new ProblemError(code, '')), undefined, code)
  }
})

t.test('back-off doubles up to its most, and is spread over all of it', async (t) => {
  const policy = { backOff: { firstMs: 1_000, mostMs: 60_000 }, answered: true }
  const at = (failuresInRow: number, chance: number) =>
    backOffMs(policy, { failuresInRow, clock: { random: () => chance } })
  t.same(
    [0, 1, 2, 5, 6, 1_000].map((failures) => at(failures, 1)),
    [1_000, 2_000, 4_000, 32_000, 60_000, 60_000],
  )
  t.equal(at(3, 0), 0)
  t.equal(at(3, 0.25), 2_000)
  t.equal(backOffMs({ answered: true }, { failuresInRow: 3, clock: { random: () => 1 } }), 0)
})
