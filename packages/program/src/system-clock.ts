import { setTimeout as delay } from 'node:timers/promises'

/** The time of this machine, as the domains' port `Clock` wants it. */
export const systemClock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  random: () => Math.random(),
  wait: (ms: number, signal: AbortSignal): Promise<void> =>
    delay(ms, undefined, { signal }).catch(() => undefined),
}
