import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../session/ports/clock.ts'

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  random: () => Math.random(),
  wait: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
}
