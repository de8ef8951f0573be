import type { Clock } from '../../../../apps/broker/src/session/ports/clock.ts'
import type { VirtualTime } from './virtual-time.ts'

/** Lets whoever decides the interleaving say when this goes on. */
export type TakeTurn = (label: string) => Promise<void>

/** A process that can be stopped and killed between any two of its steps. */
export interface SimulatedProcess {
  name: string
  clock: Clock
  /** Resolves when the process goes on; never again once it is dead. */
  step(label: string): Promise<void>
  isDead(): boolean
  /** Since when it has not gone on; undefined while it does. */
  stillSinceMs(): number | undefined
  /** From now on nothing more happens to it. */
  spare(): void
}

/** Where it hurts most to be stopped or killed; others are between them. */
export const moments = [
  'begin is answered',
  'opens the page',
  'permit is answered',
  'types',
  'reads the answer',
  'reads the page',
  'commit is answered',
  'fail is answered',
  'timer',
] as const

export type Moment = (typeof moments)[number]

export interface Fate {
  moment: Moment
  /** How many times it goes well before. */
  after: number
  /** How long the process is stopped then; `dies`: for good. */
  outcome: number | 'dies'
}

export interface ProcessPlan {
  fates: readonly Fate[]
  /** What its clock gives for chance, in turn. */
  chances: readonly number[]
  /** How far its wall clock is from the others': nothing may rest on that. */
  wallOffsetMs: number
}

export function createProcess({
  name,
  takeTurn,
  time,
  plan,
}: {
  name: string
  takeTurn: TakeTurn
  time: VirtualTime
  plan: ProcessPlan
}): SimulatedProcess {
  const passed = new Map<string, number>()
  let chances = 0
  let stillSinceMs: number | undefined
  let isDead = false
  let isSpared = false
  let thawed = Promise.resolve()
  const bootedAtMs = time.nowMs()
  function freeze(forMs: number): void {
    if (stillSinceMs !== undefined) return
    stillSinceMs = time.nowMs()
    const thaw = Promise.withResolvers<void>()
    thawed = thaw.promise
    time.after(forMs, () => {
      stillSinceMs = isDead ? stillSinceMs : undefined
      thaw.resolve()
    })
  }

  function meetFate(moment: string): void {
    if (isSpared) return
    const after = passed.get(moment) ?? 0
    passed.set(moment, after + 1)
    const fate = plan.fates.find((each) => each.moment === moment && each.after === after)
    if (fate?.outcome === 'dies') {
      isDead = true
      stillSinceMs ??= time.nowMs()
    } else if (fate) freeze(fate.outcome)
  }

  async function step(label: string): Promise<void> {
    await takeTurn(`${name} ${label}`)
    meetFate(label)
    while (!isDead && stillSinceMs !== undefined) {
      await thawed
      await takeTurn(`${name} ${label}, after a pause`)
    }
    if (isDead) await new Promise<never>(() => undefined)
  }

  function wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = time.after(ms, () => void step('timer').then(end))
      function end() {
        cancel()
        signal.removeEventListener('abort', end)
        resolve()
      }
      signal.addEventListener('abort', end)
    })
  }

  const clock: Clock = {
    now: () => time.nowMs() + plan.wallOffsetMs,
    monotonicMs: () => time.nowMs() - bootedAtMs,
    random: () => plan.chances[chances++ % plan.chances.length] ?? 0.5,
    wait,
  }
  return {
    ...{ name, clock, step },
    isDead: () => isDead,
    stillSinceMs: () => stillSinceMs,
    spare() {
      isSpared = true
    },
  }
}
