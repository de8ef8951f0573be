import { applyHere } from './apply-here.ts'
import { createBackOff } from './back-off.ts'
import type { Here, Keep } from './here.ts'
import { isNewer } from './is-newer.ts'
import { seeSignedIn } from './mend-signed-out.ts'
import { waitForNews } from './wait-for-news.ts'

/** What is newer goes in; then it is seen whether that made Chrome signed in; again with every news, and now and then. */
export async function tendChrome(keep: Keep, here: Here): Promise<void> {
  const { held, clock, lookEveryMs, post, calls } = keep
  const { signal } = here
  const failures = createBackOff(clock, { firstMs: 1_000, longestMs: 60_000 })
  post.begin(here.chrome.product)
  while (!signal.aborted) {
    const called = post.round()
    const heard = held.changes.rings()
    const newest = held.newest()
    const isDone = await attempt(keep, here, async () => {
      await here.lead.confirm()
      if (newest && isNewer(newest, here.offered))
        await applyHere(keep, here, { state: newest, reason: 'newer' })
      if (here.applied) await seeSignedIn(keep, here, heard)
    })
    // What was broken off for news is done again at once.
    if (held.changes.rings() === heard) post.passed()
    if (isDone) failures.reset()
    const ms = isDone ? lookEveryMs * (0.8 + 0.4 * clock.random()) : failures.nextMs()
    const rungSince = (_heard: number, until: AbortSignal) =>
      Promise.race([held.changes.rungSince(heard, until), calls.rungSince(called, until)])
    await waitForNews(clock, { rungSince, heard, ms, signal })
  }
  post.end()
}

/** @returns false when it failed and is to be tried again soon */
async function attempt({ held, log }: Keep, here: Here, work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (!here.signal.aborted)
      log.error({ session: held.session, chrome: here.chrome.product, error }, 'chrome failed')
    return false
  }
}
