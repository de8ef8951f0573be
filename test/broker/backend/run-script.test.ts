import t from 'tap'
import type { RedisConnection } from '../../../apps/broker/src/backend/redis/connection.ts'
import { keysOf } from '../../../apps/broker/src/backend/redis/keys.ts'
import { createScriptRunner, defineScript } from '../../../apps/broker/src/backend/redis/run-script.ts'
import { newPlace } from './store-steps.ts'

/** A Redis whose clock the test sets, and that answers as the scripts do: late after the deadline. */
function fakeRedis(clock: { serverMs: number }) {
  const asked: number[] = []
  const client = {
    defineCommand(name: string) {
      Object.assign(client, {
        [name]: async (...args: (string | number)[]) => {
          // After the keys, the session's name and the channel.
          const deadline = Number(args[keysOf(newPlace()).length + 2])
          if (name === 'sbReadClock') return clock.serverMs
          asked.push(deadline - clock.serverMs)
          return clock.serverMs > deadline ? 'LATE' : 'done'
        },
      })
    },
  }
  return { connection: { client, address: 'redis://test' } as unknown as RedisConnection, asked }
}

const script = defineScript('sbTest', 'return 1')

t.test('a command carries the time by which it has to have come, by the server’s clock', async (t) => {
  const { connection, asked } = fakeRedis({ serverMs: 5_000_000 })
  const run = createScriptRunner(connection, { withinMs: 1_500 })
  t.equal(await run(script, newPlace()), 'done')
  const [left = 0] = asked
  t.ok(left > 1_000 && left <= 1_600, 'as long as its sender waits')
})

t.test(
  'a server whose clock was set forward is asked for its time again, and the command once more',
  async (t) => {
    const clock = { serverMs: 5_000_000 }
    const { connection, asked } = fakeRedis(clock)
    const run = createScriptRunner(connection, { withinMs: 1_500 })
    const place = newPlace()
    await run(script, place)
    clock.serverMs += 3_600_000
    t.equal(await run(script, place), 'done')
    t.equal(asked.length, 3)
  },
)

t.test('one that is late twice has not been done, and says so', async (t) => {
  const clock = { serverMs: 5_000_000 }
  const { connection, asked } = fakeRedis(clock)
  const run = createScriptRunner(connection, { withinMs: -1 })
  await t.rejects(run(script, newPlace()), { code: 'store_unavailable', message: /in time/ })
  t.equal(asked.length, 2)
})
