import t from 'tap'
import { mishaps, openDoorWalks, tell } from './walk-doors.ts'

// It goes to seventy sites with a browser.
t.setTimeout(600_000)
const walkDoors = await openDoorWalks(t)

/** Doors that a URL, a name and a password do not open, and why. */
const closed: Record<string, RegExp> = {
  'password-change-demanded': /demands a new password/,
  'approve-on-phone': /nobody is there/,
  'mailed-code': /nobody is there/,
  'recaptcha-box': /nobody is there/,
}

t.test('with a URL, a name and a password alone, every door opens that needs nobody', async (t) => {
  const walks = await walkDoors(t)
  for (const walk of walks) {
    const { door, problem, isIn, isCalledIn } = walk
    const reason = closed[door.name]
    if (reason === undefined) t.match({ isIn, isCalledIn }, { isIn: true, isCalledIn: true }, door.name)
    else {
      t.equal(isCalledIn, false, `${door.name} stays closed, and is never called open`)
      t.match(problem?.message, reason, `${door.name}: it is said why`)
    }
    t.same(mishaps(walk), [], `${door.name}: nothing else was touched`)
    t.ok(door.stats().passwords <= 2, `${door.name}: the password was not sent again and again`)
  }
  tell(t, walks)
})
