import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Guard } from './broker/remove-guard.ts'
import { seededChance } from './chance.ts'
import { checkHistory } from './check/check-history.ts'
import type { Violation } from './check/violation.ts'
import { lookAtAll } from './clients/look-at-all.ts'
import { playClient } from './clients/play-client.ts'
import { playSite } from './clients/play-site.ts'
import { castOverHttp, castWithBrowser } from './cluster/cast.ts'
import { type Cluster, startCluster } from './cluster/start-cluster.ts'
import { countSites, gatherHistory, type Told } from './history/gather-history.ts'
import type { History } from './history/history.ts'
import { carryOutFault } from './nemesis/carry-out-fault.ts'
import { type Fault, planFaults } from './nemesis/plan-faults.ts'

export interface ChaosOptions {
  seed: number
  /** How long the nemesis is at work … */
  durationMs: number
  /** … and longer, until there were so many logins, but at most … */
  leastLogins?: number
  /** … so long. */
  mostMs?: number
  without?: Guard | undefined
  chromium?: boolean
  /** Where histories and logs are kept: when something was violated, or always. */
  keepIn?: string
  keepAlways?: boolean
  say?: (line: string) => void
}

export interface ChaosResult {
  /** How often each met something. */
  faults: Map<Fault['kind'], number>
  counts: { logins: number; failedLogins: number; refreshes: number; reads: number; brokerProcesses: number }
  violations: Violation[]
}

const clientsEach = 2
const brokers = 4

/** Four brokers, their sites and clients, and a nemesis; then a look at everything that was written down. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { seed, without, chromium = false } = options
  await using opened = new AsyncDisposableStack()
  const cluster = await startCluster(opened, {
    ...(chromium ? castWithBrowser : castOverHttp),
    ...{ brokers, without, chromium },
  })
  const chance = seededChance(seed)
  const told: Told = { reads: [], refreshes: [], uses: [] }
  const stopping = new AbortController()
  opened.defer(() => stopping.abort())
  const { signal } = stopping
  const players = cluster.roles.flatMap((role) => [
    playSite(role, chance.fork(role.account), signal),
    ...role.sessions.flatMap((session) =>
      Array.from({ length: clientsEach }, (_, index) =>
        playClient({ cluster, role, session, chance: chance.fork(`${session} ${index}`), told, signal }),
      ),
    ),
  ])
  const faults = await harm(cluster, options)
  stopping.abort()
  await Promise.all(players)
  const healedAtMs = await lookAtAll(cluster, told)
  const whole = gatherHistory(cluster, { ...told, healedAtMs })
  const violations = checkHistory(whole)
  if (options.keepIn !== undefined && (violations.length > 0 || options.keepAlways)) {
    await keepHistories(cluster.folder, join(options.keepIn, `seed-${seed}`))
  }
  return { faults, counts: countAll(whole), violations }
}

async function keepHistories(folder: string, keptIn: string): Promise<void> {
  await rm(keptIn, { recursive: true, force: true })
  await cp(folder, keptIn, {
    recursive: true,
    filter: (path) => path === folder || /\.(jsonl|log)$/.test(path),
  })
}

/** Lets the nemesis work, fault after fault. Resolves when all that it did is healed. */
async function harm(cluster: Cluster, options: ChaosOptions): Promise<ChaosResult['faults']> {
  const { seed, durationMs, leastLogins = 0, mostMs = durationMs, say } = options
  const met = new Map<Fault['kind'], number>()
  const running: Promise<void>[] = []
  const startMs = performance.now()
  const isEnough = (atMs: number) =>
    atMs > mostMs || (atMs > durationMs && countAccepted(cluster) >= leastLogins)
  for (const fault of planFaults(seededChance(seed), { brokers: cluster.brokers.length })) {
    if (isEnough(fault.atMs)) break
    await delay(Math.max(0, startMs + fault.atMs - performance.now()))
    say?.(describeFault(fault))
    const done = carryOutFault(cluster, fault).then((hasMet) => {
      if (hasMet) met.set(fault.kind, (met.get(fault.kind) ?? 0) + 1)
    })
    done.catch(() => undefined)
    running.push(done)
  }
  await Promise.all(running)
  return met
}

function describeFault({ atMs, kind, ...rest }: Fault): string {
  const details = Object.entries(rest).map(([name, value]) =>
    typeof value === 'number' && name === 'forMs' ? `${Math.round(value)} ms` : `${name} ${value}`,
  )
  return `${(atMs / 1000).toFixed(1).padStart(6)} s  ${[kind, ...details].join('  ')}`
}

const countAccepted = (cluster: Cluster) =>
  countSites(cluster).reduce((sum, { loginsSucceeded }) => sum + loginsSucceeded, 0)

function countAll({ sites, refreshes, reads, brokers: lives }: History): ChaosResult['counts'] {
  const started = sites.reduce((sum, { loginsStarted }) => sum + loginsStarted, 0)
  const logins = sites.reduce((sum, { loginsSucceeded }) => sum + loginsSucceeded, 0)
  return {
    logins,
    failedLogins: started - logins,
    refreshes: refreshes.length,
    reads: reads.length,
    brokerProcesses: lives.length,
  }
}
