import t from 'tap'
import { mishaps, walkDoors } from './walk-doors.ts'

/** Doors that a URL, a name and a password do not open yet, and why. */
const closed: Record<string, RegExp> = {
  'basic-auth': /does not answer/,
  'choose-workspace': /^$/,
  'password-change-demanded': /^$/,
  'approve-on-phone': /approve the sign-in on another device/,
  'mailed-code': /one-time code/,
  'recaptcha-box': /captcha/,
  'token-session-storage': /^$/,
}

t.test('with a URL, a name and a password alone', async (t) => {
  const walks = await walkDoors(t, { password: (door) => door.password })
  for (const walk of walks) {
    const { door, isIn, problem, tookMs } = walk
    const reason = closed[door.name]
    const how = `${door.name} (${door.language}) in ${Math.round(tookMs)} ms`
    if (reason === undefined)
      t.equal(isIn ? undefined : (problem?.message ?? 'not signed in'), undefined, how)
    else t.match(problem?.message ?? '', reason, `${door.name} stays closed`)
    t.same(mishaps(walk), [], `${door.name}: nothing else was touched`)
    t.ok(door.stats().passwords <= 2, `${door.name}: the password was not sent again and again`)
  }
  const opened = walks.filter(({ isIn }) => isIn).length
  t.comment(`${opened} of ${walks.length} doors opened`)
})
