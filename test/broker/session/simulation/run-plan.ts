import type { Scheduler } from 'fast-check'
import { drive, proveMended } from './drive-world.ts'
import type { Plan } from './plan.ts'
import { createVirtualTime, type VirtualTime } from './virtual-time.ts'
import { createWorld, type SimulatedData } from './world.ts'

const startMs = Date.UTC(2026, 10, 24)
/** No run needs as many; one that does goes round in circles. */
const mostSteps = 20_000

/** Several brokers over one store, one account and one site, through all that the plan says. @returns what went wrong. */
export async function runPlan(scheduler: Scheduler, plan: Plan, data: SimulatedData): Promise<string[]> {
  const time = createVirtualTime(startMs)
  data.followTime(time.nowMs)
  const letPassUntil = (isOver: () => boolean) => letPass(scheduler, time, isOver)
  const world = await createWorld(scheduler, { plan, time, data, letPassUntil })
  const { ledger, brokers } = world
  await letPassUntil(whenDone(drive(world, plan.actions)))
  await letPassUntil(() => world.waiting() === 0)
  if (world.waiting() > 0) ledger.blame(`${world.waiting()} refreshes are never answered`)
  await letPassUntil(whenDone(proveMended(world)))
  await letPassUntil(() => world.waiting() === 0)
  if (world.waiting() > 0) ledger.blame('after all that, a refresh is never answered')
  const living = brokers.filter(({ process }) => !process.isDead())
  const isStopped = whenDone(Promise.all(living.map((broker) => broker.stop())))
  await letPassUntil(isStopped)
  if (!isStopped()) ledger.blame('a broker does not come to its end')
  for (const { mirror } of brokers) mirror.close()
  return ledger.violations
}

function whenDone(work: Promise<unknown>): () => boolean {
  let isDone = false
  void work.then(() => {
    isDone = true
  })
  return () => isDone
}

/** Lets the scheduler choose until it is over; time moves only when nobody has anything else to do. */
async function letPass(scheduler: Scheduler, time: VirtualTime, isOver: () => boolean): Promise<void> {
  for (let steps = 0; steps < mostSteps; steps++) {
    // All that follows from the step before, however many promises it takes.
    await new Promise(setImmediate)
    if (isOver()) return
    if (scheduler.count() > 0) await scheduler.waitNext(1)
    else if (!time.advance()) return
  }
}
