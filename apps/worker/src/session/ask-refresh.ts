import type { IssuedSession, RefreshResult } from '@session-broker/shared'
import type { Here, Keep } from './here.ts'

/**
 * Tells the broker that this generation is signed out here. The broker decides what that means.
 * @returns its answer; undefined where there is none, and where a newer state has come first
 */
export async function askRefresh(
  { held, desk, line }: Keep,
  { chrome, signal }: Here,
  { applied, heard, known }: { applied: IssuedSession; heard: number; known: number },
): Promise<RefreshResult | undefined> {
  const over = new AbortController()
  const newState = held.changes.rungSince(heard, AbortSignal.any([signal, over.signal]))
  const asked = desk.ask(applied, { known, chrome: chrome.product, worker: line.workerId })
  const answer = await Promise.race([asked, newState.then(() => undefined)])
  over.abort()
  return answer
}
