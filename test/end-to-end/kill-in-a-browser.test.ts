import t from 'tap'
import { tellOfDeath } from './after-death.ts'

// kill-at-every-step.test.ts with a real Chromium, at the steps where that makes a difference.
t.jobs = 2

t.test('kill -9 after post', { buffered: true }, async (t) => {
  const sessions = ['success', 'rejected']
  await tellOfDeath(t, { step: 'after_post', sessions, browser: true, loginTimeout: '15s' })
})

t.test('kill -9 before fail', { buffered: true }, async (t) => {
  const sessions = ['rejected', 'locked']
  await tellOfDeath(t, { step: 'before_fail', sessions, browser: true, loginTimeout: '15s' })
})
