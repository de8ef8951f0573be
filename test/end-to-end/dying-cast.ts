import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pickBrowserEnv } from '@session-broker/chrome'
import { type RunningProcess, startProcess } from '@session-broker/stage/process'
import { type LocalSite, startSite } from '@session-broker/stage/site'
import type { Test } from 'tap'
import { stringify } from 'yaml'
import { openBackend } from '../../apps/broker/src/app/open-backend.ts'
import { startBroker } from '../../apps/broker/src/app/start-broker.ts'
import { loadConfig } from '../../apps/broker/src/config/load-config.ts'
import type { SessionStore } from '../../apps/broker/src/session/ports/session-store.ts'
import { silentLog } from '../broker/session/define-session.ts'
import { openWithoutBrowser } from '../sites/http-login.ts'
import type { DyingPlan } from './login-steps.ts'

export interface Answer {
  status: number
  body: Record<string, unknown>
}

/** What a broker answers over HTTP, without a key. */
export interface Asked {
  refresh(session: string, body?: object): Promise<Answer>
  reset(session: string): Promise<Answer>
  cookies(session: string): Promise<Answer>
  summary(session: string): Promise<Answer>
}

export interface DyingBroker extends Asked {
  process: RunningProcess
  /** @throws with what it wrote, where it lives on. */
  death(): Promise<void>
}

const dyingBroker = fileURLToPath(new URL('./dying-broker.ts', import.meta.url))
const adminToken = 'for-the-counters'
const secretKey = '5e'.repeat(32)
const deathMs = 90_000
let casts = 0

export type Cast = Awaited<ReturnType<typeof assemble>>

/** A site for each session, and brokers one after the other on the same data: first one that dies, then others. */
export async function assemble(
  t: Test,
  given: { sessions: readonly string[]; redisUrl?: string | undefined; loginTimeout?: string | undefined },
) {
  const { sessions, redisUrl, loginTimeout = '5s' } = given
  const cast = ++casts
  const accountOf = (session: string) => `${process.pid}-${cast}-${session}`
  const folder = await mkdtemp(join(tmpdir(), 'session-broker-dying-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const sites = new Map<string, LocalSite>()
  for (const session of sessions) {
    const site = await startSite({ adminToken })
    t.teardown(() => site.close())
    sites.set(session, site)
  }
  const configured = [...sites].map(([session, { loginUrl, username, check }]) => [
    session,
    {
      account: accountOf(session),
      login: { url: loginUrl, username, password: `env:PASSWORD_${session}` },
      check: { ...check, every: 'never' },
    },
  ])
  const config = join(folder, 'broker.yaml')
  const text = {
    listen: '127.0.0.1:0',
    data: './data',
    secretKey: 'env:SECRET_KEY',
    ...(redisUrl && { redis: redisUrl }),
    ...{ loginTimeout, maxLogins: sessions.length },
    sessions: Object.fromEntries(configured),
  }
  await writeFile(config, stringify(text))
  /** What the references are looked up in: a test may change a password. */
  const env: Record<string, string> = { SECRET_KEY: secretKey }
  for (const [session, { password }] of sites) env[`PASSWORD_${session}`] = password

  async function startDying(part: Omit<DyingPlan, 'config' | 'sites'>): Promise<DyingBroker> {
    const plan: DyingPlan = {
      ...{ ...part, config },
      sites: Object.fromEntries([...sites].map(([session, { url }]) => [session, { url, adminToken }])),
    }
    const running = await startProcess({
      name: 'the dying broker',
      command: process.execPath,
      args: ['--conditions=@session-broker/source', dyingBroker],
      env: { ...pickBrowserEnv(process.env), ...env, DYING_PLAN: JSON.stringify(plan) },
    })
    t.teardown(() => running.end())
    const death = async () => {
      const isLate = Promise.withResolvers<never>()
      const reason = () => isLate.reject(new Error(`the broker lives on: ${running.output()}`))
      const timer = setTimeout(reason, deathMs)
      await Promise.race([running.exited, isLate.promise]).finally(() => clearTimeout(timer))
    }
    return { ...ask(await running.firstLine), process: running, death }
  }

  /** Another broker, in this process; with its store to look into. */
  async function startNext(): Promise<Asked & { store: SessionStore; stop(): Promise<void> }> {
    const backend = Promise.withResolvers<SessionStore>()
    const loaded = await loadConfig({ file: config, cwd: folder, insecureNoAuth: true })
    const broker = await startBroker(
      {
        // What is short is the time of the one that dies, which this one has to wait for.
        config: { ...loaded, loginTimeoutMs: 60_000 },
        ...{ env, log: silentLog, insecureNoAuth: true, version: '0.0.0' },
      },
      {
        openBrowser: openWithoutBrowser,
        async openBackend(...given) {
          const opened = await openBackend(...given)
          backend.resolve(opened.store)
          return opened
        },
      },
    )
    t.teardown(() => broker.stop())
    return { ...ask(broker.url), store: await backend.promise, stop: () => broker.stop() }
  }

  const places = new Map(sessions.map((session) => [session, { session, account: accountOf(session) }]))
  return { sites, env, places, startDying, startNext }
}

function ask(url: string): Asked {
  async function call(path: string, session: string, body?: object): Promise<Answer> {
    const answer = await fetch(`${url}${path}?session=${session}`, {
      method: body ? 'POST' : 'GET',
      headers: { prefer: 'wait=60', ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    })
    const given = await answer.text()
    return { status: answer.status, body: given === '' ? {} : JSON.parse(given) }
  }
  return {
    refresh: (session, body = {}) => call('/session/refresh', session, body),
    reset: (session) => call('/session/reset', session, {}),
    cookies: (session) => call('/session/cookies', session),
    summary: (session) => call('/session', session),
  }
}
