import { setTimeout as delay } from 'node:timers/promises'
import type { Page, Request } from 'playwright'

const restMs = 500
const mostMs = 5_000
const pollMs = 50

/** Knows of a page whether something is on its way to the site. */
export interface Traffic {
  /** Until nothing was on its way for half a second, five seconds at most: some pages never rest. */
  untilQuiet(signal: AbortSignal): Promise<void>
}

export function watchTraffic(page: Page): Traffic {
  const underWay = new Set<Request>()
  let movedAtMs = performance.now()
  const moved = (change: () => void) => {
    change()
    movedAtMs = performance.now()
  }
  page.on('request', (request) => moved(() => underWay.add(request)))
  page.on('requestfinished', (request) => moved(() => underWay.delete(request)))
  page.on('requestfailed', (request) => moved(() => underWay.delete(request)))
  return {
    async untilQuiet(signal) {
      const startMs = performance.now()
      const isQuiet = () => underWay.size === 0 && performance.now() - Math.max(startMs, movedAtMs) >= restMs
      while (!isQuiet() && performance.now() - startMs < mostMs) await delay(pollMs, undefined, { signal })
    },
  }
}
