import { hash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@session-broker/program/clock'
import { recipeSchema } from '@session-broker/shared'
import { openEmbeddedStore } from '../../apps/broker/src/backend/embedded/embedded-store.ts'
import { buildHttpServer } from '../../apps/broker/src/http/build-http-server.ts'
import { createNoteSealer } from '../../apps/broker/src/seal/note-sealer.ts'
import { sealingKey } from '../../apps/broker/src/seal/sealing-key.ts'
import { createStateSealer } from '../../apps/broker/src/seal/state-sealer.ts'
import type { SessionDefinition } from '../../apps/broker/src/session/session-definition.ts'
import { openSessionMirror } from '../../apps/broker/src/session/session-mirror.ts'
import { sampleState } from '../sample-state.ts'
import { benchKey } from './bench-key.ts'
import { serveUntilTold } from './serve-until-told.ts'

const definition: SessionDefinition = {
  session: 'shop',
  account: 'shop',
  loginUrl: 'https://shop.example/login',
  recipe: recipeSchema.parse({}),
  challenge: { timeoutMs: 300_000, perDay: 3 },
  byHand: false,
  loginTimeoutMs: 60_000,
  budget: { loginsPerDay: 10, failedPerDay: 3 },
  upkeep: { renewBeforeMs: 600_000 },
  credentials: () => Promise.reject(new Error('nobody logs in here')),
}
const silent = () => undefined
const log = { info: silent, warn: silent, error: silent, audit: silent }
const unused = () => Promise.reject(new Error('the bench only reads'))

const cookies = Number(process.argv[2] ?? 50)

/** The broker's real HTTP surface and mirror over the embedded store, with one session that is signed in. */
const folder = await mkdtemp(join(tmpdir(), 'bench-broker-'))
const store = openEmbeddedStore({ folder })
const keys = [sealingKey(randomBytes(32))]
const sealer = createStateSealer({ keys })
await publish()
const mirror = await openSessionMirror({ definitions: [definition], store, sealer, clock: systemClock, log })
const app = await buildHttpServer(
  {
    mirror,
    refresher: { refresh: unused, inFlight: () => [] },
    store,
    publishCapture: unused,
    writeBack: unused,
    forgetSession: unused,
    presence: { awayForMs: () => undefined },
    serveStaleMs: 0,
    workers: store,
    writers: store,
    challenges: { board: store, notes: createNoteSealer({ keys }) },
    clock: systemClock,
    log,
    stopping: new AbortController().signal,
  },
  {
    keys: [{ name: 'bench', hash: hash('sha256', benchKey), scopes: ['read'], sessions: ['shop'] }],
    insecureNoAuth: false,
    listenHost: '127.0.0.1',
    version: '0.0.0',
  },
)
await serveUntilTold(app, { etag: `"${mirror.get('shop').version}"`, close })

async function close(): Promise<void> {
  mirror.close()
  await store.close()
  await rm(folder, { recursive: true })
}

async function publish(): Promise<void> {
  const login = { operationId: 'shop.bench', fromGeneration: 0 }
  const begun = await store.beginLogin(definition, {
    ...login,
    budget: definition.budget,
    credentialsTag: '',
    force: false,
  })
  if (!begun.begun) throw new Error('the store is not new')
  const check = { url: 'https://shop.example/', expect: { status: 200 }, in: 'http' } as const
  const sealed = sealer.seal(
    { state: sampleState(cookies), check },
    { session: 'shop', generation: 1, revision: 0 },
  )
  await store.commitLogin(definition, { ...login, fence: begun.fence, mark: 'bench', sealed })
}
