import type { IssuedSession, Verdict, WorkerReport } from '@session-broker/shared'
import { applyHere } from './apply-here.ts'
import { createBackOff } from './back-off.ts'
import { isNewer } from './is-newer.ts'
import type { KeepDependencies } from './keep-signed-in.ts'
import type { Memory } from './memory.ts'
import type { AttachedChrome } from './ports/chrome.ts'
import { seeSignedIn } from './see-signed-in.ts'
import { waitForNews } from './wait-for-news.ts'

/** One session in one Chrome, from its start (or ours) to its end (or ours). */
export interface Here {
  chrome: AttachedChrome
  memory: Memory
  /** Aborted when Chrome goes, and when the worker stops. */
  signal: AbortSignal
  /** The newest state that this Chrome was offered, whether it took it or not. */
  offered?: IssuedSession
  /** What it holds. */
  applied?: IssuedSession
  userAgentDiffers?: boolean
  report?: WorkerReport
  seen?: Verdict
}

/** What is newer goes in; then it is seen whether that made Chrome signed in; again with every news, and now and then. */
export async function tendChrome(keep: KeepDependencies, here: Here): Promise<void> {
  const { held, clock, lookEveryMs } = keep
  const { signal } = here
  const failures = createBackOff(clock, { firstMs: 1_000, longestMs: 60_000 })
  while (!signal.aborted) {
    const heard = held.changes.rings()
    const newest = held.newest()
    const isDone = await attempt(keep, here, async () => {
      if (newest && isNewer(newest, here.offered))
        await applyHere(keep, here, { state: newest, reason: 'newer' })
      if (here.applied) await seeSignedIn(keep, here, heard)
    })
    if (isDone) failures.reset()
    const ms = isDone ? lookEveryMs * (0.8 + 0.4 * clock.random()) : failures.nextMs()
    await waitForNews(clock, { rungSince: held.changes.rungSince, heard, ms, signal })
  }
}

/** @returns false when it failed and is to be tried again soon */
async function attempt(
  { held, log }: KeepDependencies,
  here: Here,
  work: () => Promise<void>,
): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (!here.signal.aborted)
      log.error({ session: held.session, chrome: here.chrome.product, error }, 'chrome failed')
    return false
  }
}
