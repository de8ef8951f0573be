import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProblemError } from '@session-broker/shared'
import t from 'tap'
import { openEmbeddedStore } from '../../../apps/broker/src/backend/embedded/embedded-store.ts'
import { sealingKey } from '../../../apps/broker/src/seal/sealing-key.ts'
import { createStateSealer } from '../../../apps/broker/src/seal/state-sealer.ts'
import type { SessionStore } from '../../../apps/broker/src/session/ports/session-store.ts'
import { openSessionMirror } from '../../../apps/broker/src/session/session-mirror.ts'
import { defineSession, silentLog, startOf } from './define-session.ts'

const definition = defineSession()

t.test('what was announced is read, though the store does not answer at first', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mirror-test-'))
  const real = openEmbeddedStore({ folder })
  t.teardown(async () => {
    await real.close()
    await rm(folder, { recursive: true, force: true })
  })
  let failures = 0
  const store: SessionStore = {
    ...real,
    read: (place) => {
      if (failures === 0) return real.read(place)
      failures--
      return Promise.reject(new ProblemError('store_unavailable', 'away'))
    },
  }
  const sealer = createStateSealer({ keys: [sealingKey(randomBytes(32))] })
  const warnings: string[] = []
  const log = { ...silentLog, warn: (_: object, message: string) => void warnings.push(message) }
  const clock = {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    random: () => 0,
    wait: () => Promise.resolve(),
  }
  const mirror = await openSessionMirror({ definitions: [definition], store, sealer, clock, log })
  t.teardown(() => mirror.close())
  t.equal(mirror.get('shop').status, 'absent')

  failures = 3
  const login = { operationId: 'shop.1', fromGeneration: 0 }
  // What watches is told three times, and of these readings the first three fail.
  const begun = await real.beginLogin(definition, startOf(login))
  if (!begun.begun) throw new Error(begun.reason)
  const state = { userAgent: 'Mozilla/5.0 test', cookies: [], origins: [] }
  const check = { url: 'https://shop.example/', expect: { status: 200 }, in: 'http' } as const
  const sealed = sealer.seal({ state, check }, { session: 'shop', generation: 1, revision: 0 })
  await real.commitLogin(definition, { ...login, fence: begun.fence, mark: 'a1', sealed })

  const live = await mirror.waitUntil('shop', ({ status }) => status === 'live', AbortSignal.timeout(5_000))
  t.match(live, { generation: 1, version: '1.0-a1' })
  t.equal(failures, 0)
  t.ok(warnings.length > 0, 'and it is told')
})
