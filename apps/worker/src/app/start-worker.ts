import { hostname } from 'node:os'
import { type BrokerClient, createBrokerClient, isFinal, type Timing } from '@session-broker/client'
import { systemClock } from '@session-broker/program/clock'
import type { ListenAddress } from '../local-http/listen-address.ts'
import type { LocalHttp } from '../local-http/serve-locally.ts'
import type { BrokerPort } from '../session/ports/broker.ts'
import type { ChromePort } from '../session/ports/chrome.ts'
import type { Log } from '../session/ports/log.ts'
import { runWorker } from '../session/run-worker.ts'
import { createStandings, type Standings } from '../session/standings.ts'
import { type LaunchOrder, launchOwnChrome, type OwnChrome } from './launch-own-chrome.ts'
import { nameWorkers } from './name-workers.ts'
import { openChrome } from './open-chrome.ts'

export interface WorkerOptions {
  /** The broker's replicas. */
  brokers: readonly string[]
  key: string
  sessions: readonly string[]
  /** Where Chromes run already; or how to start one. */
  chromes: readonly string[] | { launch: LaunchOrder }
  /** Left out: made of the host's name and Chrome's port. */
  id?: string | undefined
  lookEveryMs: number
  /** Left out: what Chromes change is not given back. */
  writeBackEveryMs?: number | undefined
  reloadPages: boolean
  /** Which BrowserContexts have the sessions: the default one, or all that programs make too. Left out: the default one. */
  contexts?: 'default' | 'all' | undefined
  /** How long to wait for the broker; left out: as the client has it. */
  timing?: Partial<Timing> | undefined
  /** Where to tell how it stands; left out: nowhere. */
  listen?: ListenAddress | undefined
  /** For whoever starts this worker and wants to know how it stands. */
  standings?: Standings | undefined
  log: Log
  signal: AbortSignal
}

/**
 * Puts the worker together and runs it until the signal is aborted. A Chrome that was there is left as it is, one that
 * was launched is ended. Throws what no waiting mends: a wrong key, an unknown session, no Chrome to launch.
 */
export async function startWorker(options: WorkerOptions): Promise<void> {
  const { brokers, key, timing, log, standings = createStandings(systemClock) } = options
  const client = createBrokerClient({ url: brokers, key, timing })
  let own: OwnChrome | undefined
  let local: LocalHttp | undefined
  try {
    local = await openLocalHttp(options, standings)
    own = await launchWhereAsked(options)
    const broker = toBrokerPort(client)
    const chromes = openChromes(options, own)
    await runWorker({ broker, chromes, clock: systemClock, log, standings }, options)
  } finally {
    await client.close()
    await own?.close()
    await local?.close()
  }
}

/** Loaded by those who want it only. */
async function openLocalHttp(
  { listen, lookEveryMs, log }: WorkerOptions,
  standings: Standings,
): Promise<LocalHttp | undefined> {
  if (!listen) return undefined
  const { serveLocally } = await import('../local-http/serve-locally.ts')
  const local = await serveLocally({ listen, standings, lookEveryMs, now: systemClock.now, log })
  log.info({ address: local.address }, 'listening')
  return local
}

async function launchWhereAsked({ chromes, signal }: WorkerOptions): Promise<OwnChrome | undefined> {
  return 'launch' in chromes ? launchOwnChrome(chromes.launch, systemClock, signal) : undefined
}

function openChromes(options: WorkerOptions, own: OwnChrome | undefined): ChromePort[] {
  const { chromes, id, reloadPages, contexts = 'default', log } = options
  const addresses = own ? [own.address] : 'launch' in chromes ? [] : chromes
  const ids = nameWorkers(addresses, { id, hostname: hostname() })
  return addresses.map((address, index) => {
    const worker = ids[index] ?? 'worker'
    return openChrome({
      address,
      workerId: worker,
      reloadPages,
      contexts,
      onLetGo: (reason) => log.warn({ chrome: address, worker, reason }, 'context without session'),
      ...(own && { connect: own.connect }),
    })
  })
}

function toBrokerPort(client: BrokerClient): BrokerPort {
  const { cookies, refresh, electWriter, writeBack, summary, report, watch } = client
  return { cookies, refresh, electWriter, writeBack, summary, report, watch, isFinal }
}
