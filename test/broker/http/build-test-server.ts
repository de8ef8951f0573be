import { hash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Scope, SessionState, Verdict } from '@session-broker/shared'
import type { FastifyInstance } from 'fastify'
import { openEmbeddedStore } from '../../../apps/broker/src/backend/embedded/embedded-store.ts'
import { buildHttpServer } from '../../../apps/broker/src/http/build-http-server.ts'
import type { HttpDependencies, HttpOptions } from '../../../apps/broker/src/http/http-dependencies.ts'
import { createLocalMutex } from '../../../apps/broker/src/mutex/local-mutex.ts'
import { createNoteSealer } from '../../../apps/broker/src/seal/note-sealer.ts'
import { sealingKey } from '../../../apps/broker/src/seal/sealing-key.ts'
import { createStateSealer } from '../../../apps/broker/src/seal/state-sealer.ts'
import { forgetSession } from '../../../apps/broker/src/session/forget-session.ts'
import type { LogFields } from '../../../apps/broker/src/session/ports/log.ts'
import type { LoginMutex } from '../../../apps/broker/src/session/ports/login-mutex.ts'
import type { SiteLogOut } from '../../../apps/broker/src/session/ports/site-log-out.ts'
import type { SiteLook } from '../../../apps/broker/src/session/ports/site-look.ts'
import { publishCapture } from '../../../apps/broker/src/session/publish-capture.ts'
import type { SessionDefinition } from '../../../apps/broker/src/session/session-definition.ts'
import { openSessionMirror } from '../../../apps/broker/src/session/session-mirror.ts'
import { createCheckTrial } from '../../../apps/broker/src/session/try-check.ts'
import { writeBack } from '../../../apps/broker/src/session/write-back.ts'
import { defineSession, startOf } from '../session/define-session.ts'
import { createManualClock } from './manual-clock.ts'

/** Stands in every cookie, storage entry and user agent of these tests, and nowhere else. */
export const canary = 'canary-4f7a91c2'

export const sampleState: SessionState = {
  userAgent: `Mozilla/5.0 (${canary})`,
  cookies: [
    {
      name: 'sid',
      value: `${canary}-sid`,
      domain: 'shop.example',
      path: '/',
      expires: -1,
      httpOnly: true,
      secure: true,
      sameSite: 'Lax',
      priority: 'Medium',
      sourceScheme: 'Secure',
      sourcePort: 443,
    },
    {
      name: 'cart',
      value: `${canary}-cart`,
      domain: '.shop.example',
      path: '/cart',
      expires: 4_000_000_000.5,
      httpOnly: false,
      secure: false,
    },
  ],
  origins: [{ origin: 'https://shop.example', localStorage: [{ name: 'token', value: `${canary}-token` }] }],
}

export interface LogLine extends LogFields {
  level: 'info' | 'warn' | 'error' | 'audit'
  message: string
}

export const keyOf = (name: string) => `sb_${name}`.padEnd(46, '-')
export const bearer = (name: string) => ({ authorization: `Bearer ${keyOf(name)}` })

export interface TestServerOptions {
  /** Session names; `['shop']` where left out. */
  sessions?: string[]
  options?: Partial<HttpOptions>
  refresher?: HttpDependencies['refresher']
  store?: Partial<HttpDependencies['store']>
  /** The sites, where states are put or forgotten. */
  look?: SiteLook
  siteLogOut?: SiteLogOut
  mutex?: LoginMutex
  /** What else its sessions are. */
  definition?: Partial<SessionDefinition>
  /** How long the store has not answered. */
  awayForMs?: () => number | undefined
}

/** The keys that every test server knows, by name. */
const apiKeys: { name: string; scopes: Scope[]; sessions?: string[] }[] = [
  { name: 'reader', scopes: ['read'] },
  { name: 'refresher', scopes: ['read', 'refresh'] },
  { name: 'operator', scopes: ['read', 'refresh', 'operate'] },
  { name: 'shop-only', scopes: ['read', 'refresh'], sessions: ['shop'] },
  { name: 'writer', scopes: ['read', 'write'] },
  { name: 'admin', scopes: ['admin'] },
  { name: 'nothing', scopes: ['write'] },
]

/**
 * The real HTTP surface and the real mirror over a real embedded store; what logs in is the test's. Time is the
 * test's, too.
 */
export async function buildTestServer(given: TestServerOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'http-test-'))
  const clock = createManualClock()
  const lines: LogLine[] = []
  const note = (level: LogLine['level']) => (fields: LogFields, message: string) => {
    lines.push({ level, message, ...fields })
  }
  const log = { info: note('info'), warn: note('warn'), error: note('error'), audit: note('audit') }
  const embedded = openEmbeddedStore({ folder, now: () => clock.now() })
  const keys = [sealingKey(randomBytes(32))]
  const sealer = createStateSealer({ keys })
  const definitions = (given.sessions ?? ['shop']).map((session) =>
    defineSession({ session, account: session, ...given.definition }),
  )
  const mirror = await openSessionMirror({ definitions, store: embedded, sealer, clock, log })
  const stopping = new AbortController()
  const store = {
    ping: () => embedded.ping(),
    readOperation: embedded.readOperation,
    resetLogins: embedded.resetLogins,
    ...given.store,
  }
  const challenges = { board: embedded, notes: createNoteSealer({ keys }) }
  const presence = { awayForMs: given.awayForMs ?? (() => undefined) }
  const refresher = given.refresher ?? {
    refresh: () => Promise.reject(new Error('this test logs nobody in')),
    inFlight: () => [],
  }
  const look = given.look ?? (() => Promise.reject(new Error('this test knows no site')))
  const parts = {
    ...{ store: embedded, notes: challenges.notes, sealer, mirror, clock },
    mutex: given.mutex ?? createLocalMutex(),
    ...{ look, tryCheck: createCheckTrial(look) },
    siteLogOut: given.siteLogOut ?? (() => Promise.reject(new Error('this test logs nobody out'))),
    newMark: () => randomBytes(4).toString('hex'),
    newOperationId: (session: string) => `${session}.${randomBytes(4).toString('hex')}`,
  }
  const app: FastifyInstance = await buildHttpServer(
    {
      ...{
        mirror,
        refresher,
        store,
        presence,
        workers: embedded,
        writers: embedded,
        challenges,
        clock,
        log,
      },
      publishCapture: (capture) => publishCapture(parts, capture),
      writeBack: (order) => writeBack(parts, order),
      forgetSession: (order) => forgetSession(parts, order),
      serveStaleMs: 60 * 60_000,
      stopping: stopping.signal,
    },
    {
      keys: apiKeys.map((key) => ({ ...key, hash: hash('sha256', keyOf(key.name)) })),
      insecureNoAuth: false,
      listenHost: '127.0.0.1',
      version: '0.0.0',
      ...given.options,
    },
  )

  /** Publishes the next generation, as a login does. */
  async function publish(session = 'shop', state: SessionState = sampleState): Promise<void> {
    const place = mirror.get(session).definition
    const { generation: fromGeneration } = await embedded.read(place)
    const login = { operationId: `${session}.login-${fromGeneration + 1}`, fromGeneration }
    const begun = await embedded.beginLogin(place, startOf(login))
    if (!begun.begun) throw new Error(`no login can begin: ${begun.reason}`)
    const check = { url: 'https://shop.example/account', expect: { status: 200 }, in: 'http' } as const
    const sealed = sealer.seal({ state, check }, { session, generation: fromGeneration + 1, revision: 0 })
    const mark = randomBytes(4).toString('hex')
    const outcome = await embedded.commitLogin(place, { ...login, fence: begun.fence, mark, sealed })
    if (outcome !== 'committed') throw new Error(outcome)
    await mirror.reload(session)
  }

  async function judge(verdict: Verdict, session = 'shop'): Promise<void> {
    const { definition, generation } = mirror.get(session)
    await embedded.recordCheck(definition, { generation, verdict })
    await mirror.reload(session)
  }

  async function close(): Promise<void> {
    stopping.abort()
    await app.close()
    mirror.close()
    await embedded.close()
    await rm(folder, { recursive: true, force: true })
  }

  return { app, mirror, store: embedded, clock, lines, stopping, publish, judge, close }
}

export type TestServer = Awaited<ReturnType<typeof buildTestServer>>

/** Lets everything run that waits for nothing but its turn, until the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns++) {
    if (turns > 100_000) throw new Error('it never came to that')
    await setImmediate()
  }
}
