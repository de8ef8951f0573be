import { type IssuedSession, ProblemError, type RefreshResult } from '@session-broker/shared'
import { pauseAfter } from './back-off.ts'
import type { Here, Keep } from './here.ts'

/**
 * Tells the broker that this generation is signed out here. The broker decides what that means.
 * @returns its answer; undefined where it failed, is still under way from before or too early to ask again, and
 * where a newer state has come first (the answer is then only logged)
 */
export async function askRefresh(
  keep: Keep,
  here: Here,
  { applied, heard }: { applied: IssuedSession; heard: number },
): Promise<RefreshResult | undefined> {
  const { held, clock } = keep
  const { memory, signal } = here
  if (memory.asking === applied.generation || clock.now() < memory.askAtMs) return undefined
  const over = new AbortController()
  const newState = held.changes.rungSince(heard, AbortSignal.any([signal, over.signal]))
  const answer = await Promise.race([ask(keep, here, applied), newState.then(() => undefined)])
  over.abort()
  return answer
}

async function ask(keep: Keep, here: Here, applied: IssuedSession): Promise<RefreshResult | undefined> {
  const { held, broker, clock, log, line, stopping } = keep
  const { memory, chrome } = here
  const { session, generation } = applied
  const fields = { session, generation, worker: line.workerId }
  const reason = `signed out in ${chrome.product} of ${line.workerId}`
  const startedAtMs = clock.now()
  memory.asking = generation
  log.info({ ...fields, reason }, 'refresh asked')
  try {
    const answer = await broker.refresh({ session, generation, reason, signal: stopping })
    const { outcome, revision } = answer
    const durationMs = clock.now() - startedAtMs
    log.info({ ...fields, generation: answer.generation, revision, outcome, durationMs }, 'refresh answered')
    memory.failures.reset()
    held.hear(answer)
    return answer
  } catch (error) {
    if (stopping.aborted) return undefined
    memory.askAtMs = clock.now() + pauseAfter(error, { backOff: memory.failures, clock })
    const code = error instanceof ProblemError ? { code: error.code } : {}
    log.warn({ ...fields, ...code, error, durationMs: clock.now() - startedAtMs }, 'refresh failed')
    return undefined
  } finally {
    if (memory.asking === generation) memory.asking = undefined
  }
}
