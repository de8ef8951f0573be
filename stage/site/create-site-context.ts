import { EventEmitter, once } from 'node:events'
import { createCounters } from './counters.ts'
import { defaultPersonality, mergePersonality, type Personality } from './personality.ts'
import type { SiteContext } from './site-context.ts'
import { createSiteSessions } from './site-sessions.ts'

/** The site's memory: accounts, sessions, counters, and how it behaves at the moment. */
export function createSiteContext(
  accounts: Record<string, string>,
  personality: Partial<Personality>,
  { now, closing }: { now: () => number; closing: AbortSignal },
): SiteContext {
  let current = mergePersonality(defaultPersonality, personality)
  const changes = new EventEmitter().setMaxListeners(0)
  return {
    accounts: new Map(Object.entries(accounts)),
    sessions: createSiteSessions(() => current, now),
    counters: createCounters(),
    personality: () => current,
    change(part) {
      current = mergePersonality(current, part)
      changes.emit('change')
    },
    async untilItAnswers() {
      while (current.mode === 'hanging') await once(changes, 'change', { signal: closing })
    },
    closing,
  }
}
