import { hostname } from 'node:os'
import { type BrokerClient, createBrokerClient, isFinal } from '@session-broker/client'
import { systemClock } from '@session-broker/program/clock'
import type { BrokerPort } from '../session/ports/broker.ts'
import type { ChromePort } from '../session/ports/chrome.ts'
import type { Log } from '../session/ports/log.ts'
import { runWorker } from '../session/run-worker.ts'
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
  reloadPages: boolean
  log: Log
  signal: AbortSignal
}

/**
 * Puts the worker together and runs it until the signal is aborted. A Chrome that was there is left as it is, one that
 * was launched is ended. Throws what no waiting mends: a wrong key, an unknown session, no Chrome to launch.
 */
export async function startWorker(options: WorkerOptions): Promise<void> {
  const { brokers, key, chromes, log, signal } = options
  const client = createBrokerClient({ url: brokers, key })
  let own: OwnChrome | undefined
  try {
    own = 'launch' in chromes ? await launchOwnChrome(chromes.launch, systemClock, signal) : undefined
    const broker = toBrokerPort(client)
    await runWorker({ broker, chromes: openChromes(options, own), clock: systemClock, log }, options)
  } finally {
    await client.close()
    await own?.close()
  }
}

function openChromes({ chromes, id, reloadPages }: WorkerOptions, own: OwnChrome | undefined): ChromePort[] {
  const addresses = own ? [own.cdpUrl] : 'launch' in chromes ? [] : chromes
  const ids = nameWorkers(addresses, { id, hostname: hostname() })
  return addresses.map((address, index) =>
    openChrome({
      address,
      workerId: ids[index] ?? 'worker',
      reloadPages,
      ...(own && { ensureThere: own.ensureThere }),
    }),
  )
}

function toBrokerPort(client: BrokerClient): BrokerPort {
  const { cookies, refresh, summary, report, watch } = client
  return { cookies, refresh, summary, report, watch, isFinal }
}
