import { ProblemError } from '@session-broker/shared'
import type { Scheduler } from 'fast-check'
import type { SessionStore } from '../../../../apps/broker/src/session/ports/session-store.ts'
import type { LoginJob } from '../../../../apps/broker/src/session/ports/site-login.ts'
import type { SessionDefinition } from '../../../../apps/broker/src/session/session-definition.ts'
import { defineSession } from '../define-session.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { plainSealer } from './plain-sealer.ts'
import type { Plan } from './plan.ts'
import { type SimulatedBroker, startSimulatedBroker } from './simulated-broker.ts'
import { createLocks } from './simulated-mutex.ts'
import { createProcess, type ProcessPlan, type SimulatedProcess } from './simulated-process.ts'
import { createSite } from './simulated-site.ts'
import { connectStore, type StoreFault } from './simulated-store.ts'
import type { VirtualTime } from './virtual-time.ts'

/** A real store over time that a run sets and turns. */
export interface SimulatedData {
  store: SessionStore
  followTime(nowMs: () => number): void
  /** Left out: a login does all that it has to. */
  sabotageJob?: (job: LoginJob) => LoginJob
}

const loginTimeoutMs = 10_000

interface WorldParts {
  plan: Plan
  time: VirtualTime
  data: SimulatedData
  letPassUntil: (isOver: () => boolean) => Promise<void>
}

let accounts = 0

/** The brokers, started, and what is around them. */
export async function createWorld(scheduler: Scheduler, { plan, time, data, letPassUntil }: WorldParts) {
  const { store, sabotageJob } = data
  const takeTurn = (label: string) => scheduler.schedule(Promise.resolve(), label)
  const ledger = createLedger({ time, budget: plan.budget })
  const site = createSite({ time, ledger, plan, sabotageJob })
  const locks = createLocks({ time, isBroken: plan.isMutexBroken })
  let secret = 1
  const definitions = defineSessions(plan, () => secret)
  let ids = 0
  const newId = () => String(++ids)
  let calls = 0
  let isArmed = false
  const nextFault = (): StoreFault | undefined => {
    if (!isArmed) return undefined
    const call = calls++
    return plan.storeFaults.find((each) => each.call === call)?.fault
  }

  const brokers: SimulatedBroker[] = []
  for (let index = 0; index < plan.brokers; index++) {
    const process = createProcess({ name: `b${index}`, takeTurn, time, plan: processPlan(plan, index) })
    const connection = connectStore({ store, process, takeTurn, ledger, nextFault })
    const starting = startSimulatedBroker({
      ...{ process, definitions, site, ledger, newId, sealer: plainSealer },
      ...{ store: connection, mutex: locks.mutexFor(process), hasUpkeep: plan.hasUpkeep },
    })
    void starting.then((broker) => brokers.push(broker))
    await letPassUntil(() => brokers.length > index)
  }
  isArmed = true
  const waiting = new Set<{ process: SimulatedProcess }>()

  return {
    ...{ plan, time, takeTurn, ledger, site, definitions, brokers, newId },
    /** Someone asks a broker and waits for the answer, unless the broker dies. */
    ask(broker: SimulatedBroker, work: () => Promise<void>, mustSucceed: boolean): void {
      const entry = { process: broker.process }
      waiting.add(entry)
      void broker.process
        .step('is asked')
        .then(work)
        .catch((error) => judgeProblem(ledger, error, mustSucceed))
        .finally(() => waiting.delete(entry))
    },
    waiting: () => [...waiting].filter(({ process }) => !process.isDead()).length,
    changeSecret(): void {
      secret++
    },
    disarm(): void {
      isArmed = false
      for (const { process } of brokers) process.spare()
    },
    store,
  }
}

export type World = Awaited<ReturnType<typeof createWorld>>

function judgeProblem({ blame }: Pick<Ledger, 'blame'>, error: unknown, mustSucceed: boolean): void {
  if (!(error instanceof ProblemError)) blame(`somebody who waited got no problem but ${error}`)
  else if (error.code === 'internal') blame(`somebody was told of a mistake: ${error.cause}`)
  else if (mustSucceed) blame(`after all that, no login is possible: ${error.message}`)
}

function defineSessions(plan: Plan, secret: () => number): SessionDefinition[] {
  accounts += 1
  const account = `acct-${process.pid}-${accounts}`
  return ['shop', 'billing'].slice(0, plan.sessions).map((session) =>
    defineSession({
      ...{ session, account, loginTimeoutMs, budget: plan.budget },
      writeBack: true,
      upkeep: { renewBeforeMs: 600_000, ...(plan.hasUpkeep && { checkEveryMs: 60 * 60_000 }) },
      check: { url: 'https://shop.example/', expect: { status: 200 }, in: plan.looksIn },
      credentials: async () => ({ username: 'user', password: `pw${secret()}`, tag: `tag${secret()}` }),
    }),
  )
}

function processPlan({ fates, chances, brokers }: Plan, index: number): ProcessPlan {
  const isLast = index === brokers - 1
  return {
    fates: fates.filter(
      ({ broker, outcome }) => broker % brokers === index && !(isLast && outcome === 'dies'),
    ),
    chances,
    wallOffsetMs: index * 3_600_000,
  }
}
