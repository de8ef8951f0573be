import t from 'tap'
import { mishaps, tell, walkDoors } from './walk-doors.ts'

// It goes to seventy sites with a browser.
t.setTimeout(600_000)

t.test('a wrong password opens no door, and is sent once', async (t) => {
  const walks = await walkDoors(t, { password: () => 'not the right one' })
  for (const walk of walks) {
    const { door, isIn, isCalledIn } = walk
    t.match({ isIn, isCalledIn }, { isIn: false, isCalledIn: false }, door.name)
    t.same(mishaps(walk), [], `${door.name}: nothing else was touched`)
    t.ok(door.stats().passwords <= 1, `${door.name}: sent once at most`)
  }
  tell(t, walks)
})
