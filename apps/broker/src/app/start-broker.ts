import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import type { BrokerConfig } from '../config/load-config.ts'
import { buildHttpServer } from '../http/build-http-server.ts'
import { closeHttpServer } from '../http/close-http-server.ts'
import { forgetSession } from '../session/forget-session.ts'
import { keepFresh } from '../session/keep-fresh.ts'
import { publishCapture } from '../session/publish-capture.ts'
import { writeBack } from '../session/write-back.ts'
import { type BrokerParts, openSessions, type SessionsOptions } from './open-sessions.ts'

export interface BrokerOptions extends Pick<SessionsOptions, 'config' | 'env' | 'log'> {
  insecureNoAuth: boolean
  version: string
}

export interface RunningBroker {
  url: string
  /** Ends what runs and closes everything that was opened; may be called again. */
  stop(): Promise<void>
}

/**
 * Puts a broker together, from its configuration to its open port.
 * @throws what is wrong, with everything that was opened before closed again.
 */
export async function startBroker(options: BrokerOptions, parts?: BrokerParts): Promise<RunningBroker> {
  const { config, env, log, insecureNoAuth, version } = options
  await using opened = new AsyncDisposableStack()
  const sessions = await openSessions({ config, env, log }, opened, parts)
  const { clock, store, mirror, presence, refresher, house } = sessions
  const stopping = new AbortController()
  const { host, port } = config.listen
  const server = await buildHttpServer(
    {
      ...{ mirror, refresher, store, presence, workers: store, writers: store, clock, log },
      challenges: { board: store, notes: sessions.notes },
      publishCapture: (capture) => publishCapture(sessions, capture),
      writeBack: (order) => writeBack(sessions, order),
      forgetSession: (order) => forgetSession(sessions, order),
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
    await sessions.finishLogins()
  })

  const running = opened.move()
  const address = server.addresses()[0]
  const boundPort = typeof address === 'object' ? address.port : port
  sessions.own.push({ host, port: boundPort })
  return { url: urlOf(config, boundPort), stop: () => running.disposeAsync() }
}

async function readTls({ cert, key }: { cert: string; key: string }): Promise<{ cert: string; key: string }> {
  const [certText, keyText] = await Promise.all([readFile(cert, 'utf8'), readFile(key, 'utf8')])
  return { cert: certText, key: keyText }
}

function urlOf({ listen, tls }: BrokerConfig, port: number): string {
  return `${tls ? 'https' : 'http'}://${isIPv6(listen.host) ? `[${listen.host}]` : listen.host}:${port}`
}
