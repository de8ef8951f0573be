import type { Clock } from './ports/clock.ts'
import type { Log } from './ports/log.ts'
import type { SessionStore } from './ports/session-store.ts'

/** Whether the store answers, without asking it: every read of a session may want to know. */
export interface StorePresence {
  /** How long the store has not answered; undefined while it does. */
  awayForMs(): number | undefined
  close(): void
}

const everyMs = 1_000
const awayEveryMs = 250

/** Asks the store over and over, one question at a time. A question that the store leaves unanswered ends by itself. */
export function watchStorePresence({
  store,
  clock,
  log,
}: {
  store: Pick<SessionStore, 'ping'>
  clock: Clock
  log: Log
}): StorePresence {
  const closing = new AbortController()
  let answeredAtMs = clock.monotonicMs()
  let isAway = false

  async function ask(): Promise<void> {
    const askedAtMs = clock.monotonicMs()
    try {
      await store.ping()
      if (isAway) log.info({ durationMs: Math.round(askedAtMs - answeredAtMs) }, 'the store is back')
      answeredAtMs = clock.monotonicMs()
      isAway = false
    } catch (error) {
      if (!isAway)
        log.error({ error }, 'the store does not answer: known sessions are served, no login is made')
      isAway = true
    }
  }

  async function watch(): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.wait(isAway ? awayEveryMs : everyMs, closing.signal)
      if (!closing.signal.aborted) await ask()
    }
  }
  void watch()

  return {
    awayForMs: () => (isAway ? clock.monotonicMs() - answeredAtMs : undefined),
    close: () => closing.abort(),
  }
}
