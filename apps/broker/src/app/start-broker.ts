import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '@session-broker/program/clock'
import type { BrokerConfig } from '../config/load-config.ts'
import { createSecretResolver } from '../config/resolve-secret.ts'
import { buildHttpServer } from '../http/build-http-server.ts'
import { closeHttpServer } from '../http/close-http-server.ts'
import { createTotp } from '../one-time-code/totp.ts'
import { loadSecretKey } from '../seal/load-secret-key.ts'
import { createStateSealer } from '../seal/state-sealer.ts'
import { forgetSession } from '../session/forget-session.ts'
import { createRefresher, type Refresher } from '../session/join-refresh.ts'
import { keepFresh } from '../session/keep-fresh.ts'
import { createLoginSlots } from '../session/login-slots.ts'
import type { Log } from '../session/ports/log.ts'
import { publishCapture } from '../session/publish-capture.ts'
import { openSessionMirror } from '../session/session-mirror.ts'
import { watchStorePresence } from '../session/store-presence.ts'
import { defineSessions } from './define-sessions.ts'
import { openBackend } from './open-backend.ts'
import { openBrowser } from './open-browser.ts'

export interface BrokerOptions {
  config: BrokerConfig
  env: Readonly<Record<string, string | undefined>>
  log: Log
  insecureNoAuth: boolean
  version: string
}

export interface RunningBroker {
  url: string
  /** Ends what runs and closes everything that was opened; may be called again. */
  stop(): Promise<void>
}

/** How long a login that is under way may go on when the broker is told to stop. */
const finishMs = 15_000
/** How long it may take to give it up after that: to close its browser context, and to tell a store that may be away. */
const abandonMs = 4_000

/** The parts that stand for the world outside: what keeps the truth, and what goes to the sites. */
export interface BrokerParts {
  openBackend: typeof openBackend
  openBrowser: typeof openBrowser
}

/**
 * Puts a broker together, from its configuration to its open port.
 * @throws what is wrong, with everything that was opened before closed again.
 */
export async function startBroker(
  options: BrokerOptions,
  parts: BrokerParts = { openBackend, openBrowser },
): Promise<RunningBroker> {
  const { config, env, log, insecureNoAuth, version } = options
  const clock = systemClock
  await using opened = new AsyncDisposableStack()
  const resolveSecret = createSecretResolver({ env, baseFolder: config.folder })
  const secretKey = await loadSecretKey({
    value: config.secretKey === undefined ? undefined : await resolveSecret(config.secretKey),
    folder: config.data,
  })
  const definitions = await defineSessions(config, {
    ...{ resolveSecret, key: secretKey.key },
    currentCode: createTotp(clock),
  })
  const { siteLogin, siteLogOut, look, house } = await parts.openBrowser(config, { env, clock, log })
  opened.defer(() => house.close())
  const { store, mutex, close } = await parts.openBackend(config, { resolveSecret, log })
  opened.defer(close)
  const sealer = createStateSealer({ keys: [secretKey] })
  const mirror = await openSessionMirror({ definitions, store, sealer, clock, log })
  opened.defer(() => mirror.close())
  const presence = watchStorePresence({ store, clock, log })
  opened.defer(() => presence.close())

  const stopping = new AbortController()
  const givingUp = new AbortController()
  const common = { store, sealer, mutex, mirror, look, clock, newMark, newOperationId }
  const refresher = createRefresher({
    ...{ ...common, presence, siteLogin, log },
    slots: createLoginSlots(config.maxLogins),
    stopping: givingUp.signal,
  })
  const { host, port } = config.listen
  const server = await buildHttpServer(
    {
      ...{ mirror, refresher, store, presence, workers: store, clock, log },
      publishCapture: (capture) => publishCapture(common, capture),
      forgetSession: (order) => forgetSession({ ...common, siteLogOut }, order),
      serveStaleMs: config.serveStaleMs,
      stopping: stopping.signal,
    },
    {
      keys: config.keys,
      insecureNoAuth,
      listenHost: host,
      version,
      ...(config.allowedHosts && { allowedHosts: config.allowedHosts }),
      ...(config.tls && { tls: await readTls(config.tls) }),
    },
  )
  // Side by side, since each may have to wait for something that hangs.
  opened.defer(async () => {
    await Promise.all([closeHttpServer(server), house.close()])
  })
  await server.listen({ host, port })
  void keepFresh({ mirror, refresher, clock, stopping: stopping.signal })
  opened.defer(async () => {
    stopping.abort()
    await finish(refresher, givingUp)
  })

  const running = opened.move()
  const address = server.addresses()[0]
  const boundPort = typeof address === 'object' ? address.port : port
  return { url: urlOf(config, boundPort), stop: () => running.disposeAsync() }
}

function newMark(): string {
  return randomBytes(4).toString('hex')
}

function newOperationId(session: string): string {
  return `${session}.${randomBytes(12).toString('base64url')}`
}

/** Lets the logins under way end by themselves for a while, then ends them. */
async function finish(refresher: Pick<Refresher, 'inFlight'>, givingUp: AbortController): Promise<void> {
  const untilNone = async () => {
    // A request that was let in just before may only now begin one.
    while (refresher.inFlight().length > 0) await Promise.allSettled(refresher.inFlight())
  }
  const landed = untilNone()
  await Promise.race([landed, systemClock.wait(finishMs, givingUp.signal)])
  givingUp.abort(new Error('the broker is stopping'))
  await Promise.race([landed, delay(abandonMs, undefined, { ref: false })])
}

async function readTls({ cert, key }: { cert: string; key: string }): Promise<{ cert: string; key: string }> {
  const [certText, keyText] = await Promise.all([readFile(cert, 'utf8'), readFile(key, 'utf8')])
  return { cert: certText, key: keyText }
}

function urlOf({ listen, tls }: BrokerConfig, port: number): string {
  return `${tls ? 'https' : 'http'}://${isIPv6(listen.host) ? `[${listen.host}]` : listen.host}:${port}`
}
