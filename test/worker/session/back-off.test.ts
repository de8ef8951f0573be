import { type ErrorCode, ProblemError } from '@session-broker/shared'
import t from 'tap'
import { pauseAfter } from '../../../apps/worker/src/session/back-off.ts'

const minute = 60_000

function pause(error: unknown, { ownMs = 1_000, chance = 0.5 } = {}): number {
  return pauseAfter(error, { backOff: { nextMs: () => ownMs }, clock: { random: () => chance } })
}

const told = (code: ErrorCode, retryAfterSeconds?: number) =>
  new ProblemError(code, '', retryAfterSeconds === undefined ? {} : { retryAfterSeconds })

t.test('the broker is not asked before it says that it may help', async (t) => {
  const error = told('login_backing_off', 90)
  t.equal(pause(error, { chance: 0 }), 90_000)
  t.equal(pause(error, { chance: 0.8 }), 108_000, 'spread, but only to later')
  t.equal(pause(told('login_site_down', 3), { chance: 0 }), 3_000)
})

t.test('nor sooner than without its word', async (t) => {
  t.equal(pause(told('login_backing_off', 1), { ownMs: 20_000 }), 20_000)
  t.equal(pause(told('store_unavailable'), { ownMs: 700 }), 700)
  t.equal(pause(new Error('the broker is away'), { ownMs: 700 }), 700)
})

t.test('a day is not waited for: somebody may reset the logins meanwhile', async (t) => {
  t.equal(pause(told('login_budget_spent', 86_400)), 15 * minute)
  t.equal(pause(told('login_budget_spent', 14 * 60), { chance: 0.9 }), 15 * minute)
})

t.test('what only a person can mend is left for ten minutes and more', async (t) => {
  for (const code of ['login_locked_out', 'login_bad_credentials', 'login_captcha'] as const) {
    t.equal(pause(told(code)), 12.5 * minute, code)
  }
  t.equal(pause(told('login_captcha', 6 * 3_600)), 15 * minute)
  t.equal(pause(told('login_not_authenticated', 30)), 12.5 * minute)
})
