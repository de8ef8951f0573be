import t from 'tap'
import { mishaps, walkDoors } from './walk-doors.ts'

t.test('a wrong password opens no door, and is sent once', async (t) => {
  const walks = await walkDoors(t, { password: () => 'not the right one' })
  const classes = new Map<string, number>()
  for (const walk of walks) {
    const { door, isIn, problem } = walk
    t.equal(isIn, false, door.name)
    t.same(mishaps(walk), [], `${door.name}: nothing else was touched`)
    t.ok(door.stats().passwords <= 1, `${door.name}: sent once at most`)
    const code = problem?.code ?? 'as if it had succeeded'
    classes.set(code, (classes.get(code) ?? 0) + 1)
    t.comment(`${door.name}: ${code}`)
  }
  t.comment(JSON.stringify(Object.fromEntries(classes)))
})
