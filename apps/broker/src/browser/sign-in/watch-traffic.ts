import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright'
import { noteUnderWay } from '../note-under-way.ts'

const restMs = 500
const mostMs = 5_000
const pollMs = 50

/** Knows of a page whether something is on its way to the site. */
export interface Traffic {
  /** Until nothing was on its way for half a second, five seconds at most: some pages never rest. */
  untilQuiet(signal: AbortSignal): Promise<void>
}

export function watchTraffic(page: Page): Traffic {
  let movedAtMs = performance.now()
  const underWay = noteUnderWay(page, {
    onChange() {
      movedAtMs = performance.now()
    },
  })
  return {
    async untilQuiet(signal) {
      const startMs = performance.now()
      const isQuiet = () => underWay() === 0 && performance.now() - Math.max(startMs, movedAtMs) >= restMs
      while (!isQuiet() && performance.now() - startMs < mostMs) await delay(pollMs, undefined, { signal })
    },
  }
}
