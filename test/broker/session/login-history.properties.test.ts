import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startRedis } from '@session-broker/stage/redis'
import fc from 'fast-check'
import t from 'tap'
import { openEmbeddedStore } from '../../../apps/broker/src/backend/embedded/embedded-store.ts'
import { connectRedisStore } from '../../../apps/broker/src/backend/redis/redis-store.ts'
import { readRedisUrl } from '../../../apps/broker/src/config/read-redis-url.ts'
import type { LoginBudget } from '../../../apps/broker/src/session/login-history.ts'
import type { SessionStore } from '../../../apps/broker/src/session/ports/session-store.ts'
import { newPlace } from '../backend/store-steps.ts'
import { accountCommands, type CommandOptions } from './account-commands.ts'
import { createInvariants } from './account-invariants.ts'
import { createAccountModel } from './account-model.ts'
import type { ModelledAccount, RealAccount } from './account-step.ts'
import { silentLog } from './define-session.ts'
import { memoryFolder } from './memory-folder.ts'

// Where others use the machine, fewer runs have to do.
const timeout = 60_000
t.setTimeout(120_000)

function newAccount(budget: LoginBudget): ModelledAccount {
  return { model: createAccountModel(), invariants: createInvariants(budget), budget, logins: [] }
}

/** Each run has an account of its own, so that one store serves them all. */
function followsTheModel(
  real: Omit<RealAccount, 'account'>,
  { numRuns, budget, ...options }: CommandOptions & { numRuns: number; budget: LoginBudget },
): Promise<void> {
  const commands = fc.commands(accountCommands(options), { maxCommands: 60, size: 'max' })
  return fc.assert(
    fc.asyncProperty(commands, (steps) =>
      fc.asyncModelRun(
        () => ({ model: newAccount(budget), real: { ...real, account: newPlace().account } }),
        steps,
      ),
    ),
    { numRuns, interruptAfterTimeLimit: 30_000 },
  )
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

t.test('the embedded store follows the model, with clock steps and restarts', { timeout }, async (t) => {
  const folder = mkdtempSync(join(memoryFolder, 'session-broker-test-'))
  let nowMs = Date.UTC(2026, 10, 24)
  const open = () => openEmbeddedStore({ folder, now: () => nowMs })
  let store = open()
  t.teardown(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  await followsTheModel(
    {
      stores: () => [store, store],
      async restart() {
        await store.close()
        store = open()
      },
      async passTime(ms) {
        nowMs += ms
      },
    },
    {
      numRuns: 400,
      budget: { loginsPerDay: 4, failedPerDay: 2 },
      durationsMs: [0, 1, 61_000, hourMs],
      settleMs: 0,
      stepsMs: [1, 61_000, hourMs, 12 * hourMs, dayMs - 1, dayMs, 2 * dayMs],
    },
  )
})

t.test('the Redis store follows it, through kill -9 of Redis', { timeout }, async (t) => {
  const redis = await startRedis()
  const connect = () => connectRedisStore({ target: readRedisUrl(redis.url), log: silentLog })
  const stores = [await connect(), await connect()] as const
  t.teardown(async () => {
    for (const store of stores) await store.close()
    await redis.close()
  })
  await followsTheModel(
    {
      stores: () => stores,
      async restart() {
        await redis.kill9()
        await redis.restart()
        for (const store of stores) await untilUp(store)
      },
      passTime: (ms) => delay(ms),
    },
    {
      numRuns: 30,
      budget: { loginsPerDay: 8, failedPerDay: 5 },
      // A day never passes here, nor does an hour: what has begun to wait waits to the end.
      durationsMs: [0, 1, 1, 1, hourMs],
      settleMs: 3,
      stepsMs: [],
    },
  )
})

async function untilUp(store: SessionStore): Promise<void> {
  const end = performance.now() + 10_000
  for (;;) {
    try {
      return await store.ping()
    } catch (error) {
      if (performance.now() > end) throw error
      await delay(10)
    }
  }
}
