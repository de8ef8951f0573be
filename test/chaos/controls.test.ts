import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Guard } from './broker/remove-guard.ts'
import { checkHistory } from './check/check-history.ts'
import { askRefresh, readState } from './clients/ask-broker.ts'
import { lookAtAll } from './clients/look-at-all.ts'
import { showToSite } from './clients/play-client.ts'
import { role } from './cluster/cast.ts'
import { type Cluster, type ClusterBroker, startCluster } from './cluster/start-cluster.ts'
import { gatherHistory, type Told } from './history/gather-history.ts'
import { readHistoryFiles } from './history/history-file.ts'
import { brokerOf, carryOutFault, stopInLogin } from './nemesis/carry-out-fault.ts'

/** The same faults with a guard and without it: only without it something is violated, and the checker says so. */

const session = 'shop'

async function twoBrokers(
  t: Test,
  { without, loginDelayMs = 0 }: { without?: Guard; loginDelayMs?: number },
) {
  const opened = new AsyncDisposableStack()
  t.teardown(() => opened.disposeAsync())
  const roles = [role(session, { personality: { loginDelayMs } })]
  const cluster = await startCluster(opened, {
    roles,
    brokers: 2,
    loginTimeoutMs: 5_000,
    maxLogins: 1,
    without,
  })
  const [shop] = cluster.roles
  if (!shop) throw new Error('a site is wanted')
  return { cluster, shop, first: brokerOf(cluster, 0), second: brokerOf(cluster, 1) }
}

async function until(isSo: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<boolean> {
  for (const endMs = performance.now() + withinMs; performance.now() < endMs; await delay(20)) {
    if (await isSo()) return true
  }
  return false
}

/** Asks again until there is a newer generation. */
function renew(cluster: Cluster, broker: ClusterBroker, seen: number): Promise<boolean> {
  return until(async () => {
    const { told } = await askRefresh({ cluster, broker, session }, { seen, force: false })
    return told !== undefined && told.generation > seen
  })
}

/** A broker stands still with a finished login in its hands, until another one has published a newer. */
async function publishLate(t: Test, without?: Guard) {
  const { cluster, shop, first, second } = await twoBrokers(t, without ? { without } : {})
  const told: Told = { reads: [], refreshes: [], uses: [] }
  async function look(): Promise<void> {
    const { read, state } = await readState({ cluster, broker: second, session }, { waitSeconds: 0 })
    if (!read) throw new Error('the broker serves nothing')
    told.reads.push(read)
    const use = await showToSite({ role: shop, session }, state)
    if (typeof use === 'object') told.uses.push(use)
  }

  t.ok(await renew(cluster, second, 0))
  shop.site.killSessions()
  const stopped = stopInLogin(cluster, first, 'committing', 20_000)
  void askRefresh({ cluster, broker: first, session }, { seen: 1, force: false })
  t.ok(await stopped, 'the first broker has signed in and publishes nothing yet')
  t.ok(await renew(cluster, second, 1), 'the second one took over')
  await look()
  first.signal('SIGCONT')
  const calls = () => readHistoryFiles(cluster.folder)
  await until(
    () => calls().some((call) => call.name === 'commit' && call.broker === 'b1.1' && 'answer' in call),
    4_000,
  )
  await look()
  t.match(shop.site.stats(), { loginsSucceeded: 3 })
  const healedAtMs = await lookAtAll(cluster, told)
  return checkHistory(gatherHistory(cluster, { ...told, healedAtMs }))
}

t.test('a login that comes late replaces a newer session without the fence, and never with it', async (t) => {
  const [violations, withFence] = await Promise.all([publishLate(t, 'fence'), publishLate(t)])
  const stale = violations.filter(({ rule }) => rule === 'stale_overwrite')
  t.ok(stale.length >= 2, 'seen in what the brokers did, and in what the site says of the sessions served')
  t.same(withFence, [])
})

/** A broker dies while the site works on its login, and the lock is gone. */
async function takeOver(t: Test, without?: Guard) {
  const { cluster, shop, first, second } = await twoBrokers(t, {
    loginDelayMs: 3_000,
    ...(without && { without }),
  })
  void askRefresh({ cluster, broker: first, session }, { seen: 0, force: false })
  t.ok(await until(() => shop.site.stats().inFlightNow === 1))
  first.signal('SIGKILL')
  await carryOutFault(cluster, { atMs: 0, kind: 'delete_locks' })
  t.ok(await renew(cluster, second, 0))
  const told: Told = { reads: [], refreshes: [], uses: [] }
  const healedAtMs = await lookAtAll({ ...cluster, brokers: [second] }, told)
  return checkHistory(gatherHistory(cluster, { ...told, healedAtMs }))
}

t.test('two logins overlap at the site without the permit, and never with it', async (t) => {
  const [violations, withPermit] = await Promise.all([takeOver(t, 'permit'), takeOver(t)])
  t.match(
    violations.map(({ rule }) => rule),
    ['site_overlap', 'submitted_without_permit'],
  )
  t.same(withPermit, [])
})
