import { ProblemError } from '@session-broker/shared'
import type { Refresher } from './join-refresh.ts'
import { planUpkeep, type UpkeepTask } from './plan-upkeep.ts'
import type { Clock } from './ports/clock.ts'
import { type SessionMirror, storeNowMs } from './session-mirror.ts'

export interface UpkeepDependencies {
  mirror: SessionMirror
  refresher: Pick<Refresher, 'refresh'>
  clock: Clock
  stopping: AbortSignal
}

/** A timer's longest time is shorter than some plans; a plan that is looked at again costs nothing. */
const longestWaitMs = 60 * 60_000
/** After a task was done its plan moves on with what the store tells; this is for when that takes a moment. */
const restMs = 1_000
/** After one that failed without saying when to come back. */
const failedRestMs = 60_000

/**
 * Checks every session from time to time, and renews it before it ends. Every replica plans, and does what is due as a refresh
 * like any other: under the account's mutex and after another look, so that of several one does it.
 * Runs until `stopping`.
 */
export async function keepFresh(dependencies: UpkeepDependencies): Promise<void> {
  await Promise.all(dependencies.mirror.names().map((name) => keepOneFresh(dependencies, name)))
}

type NotBefore = Record<UpkeepTask['what'], number>

async function keepOneFresh(dependencies: UpkeepDependencies, name: string): Promise<void> {
  const { mirror, clock, stopping } = dependencies
  const notBeforeMs: NotBefore = { check: 0, renewal: 0 }
  while (!stopping.aborted) {
    const known = mirror.get(name)
    const next = planUpkeep(known, clock.random())
      .map(({ what, dueMs }) => {
        const inMs = Math.max(dueMs - storeNowMs(known, clock), notBeforeMs[what] - clock.monotonicMs())
        return { what, inMs }
      })
      .sort((a, b) => a.inMs - b.inMs)[0]
    if (next && next.inMs <= 0) await carryOut(dependencies, name, { what: next.what, notBeforeMs })
    else await waitForChange(dependencies, name, Math.min(next?.inMs ?? longestWaitMs, longestWaitMs))
  }
}

async function waitForChange(
  { mirror, clock, stopping }: UpkeepDependencies,
  name: string,
  ms: number,
): Promise<void> {
  const known = mirror.get(name)
  const pause = new AbortController()
  const signal = AbortSignal.any([stopping, pause.signal])
  await Promise.race([clock.wait(ms, signal), mirror.waitUntil(name, (now) => now !== known, signal)])
  pause.abort()
}

async function carryOut(
  { mirror, refresher, clock }: UpkeepDependencies,
  name: string,
  { what, notBeforeMs }: { what: UpkeepTask['what']; notBeforeMs: NotBefore },
): Promise<void> {
  const { generation } = mirror.get(name)
  const cause = what === 'check' ? 'scheduled_check' : 'scheduled_renewal'
  let pauseMs = restMs
  try {
    const ticket = await refresher.refresh({ session: name, generation, cause })
    await ticket.result
  } catch (error) {
    // The refresh has logged it.
    const seconds = error instanceof ProblemError ? error.retryAfterSeconds : undefined
    pauseMs = (seconds === undefined ? failedRestMs : seconds * 1000) * (1 + clock.random() / 4)
  }
  notBeforeMs[what] = clock.monotonicMs() + pauseMs
}
