import { isNewer } from '@session-broker/shared'
import { applyHere, baseOf } from './apply-here.ts'
import { createBackOff } from './back-off.ts'
import { type Here, type Keep, leadOf } from './here.ts'
import { seeSignedIn } from './mend-signed-out.ts'
import { waitForNews } from './wait-for-news.ts'
import { createGiver } from './write-back/give-back.ts'

/**
 * What is newer goes in; then it is seen whether that made Chrome signed in; again with every news, and now and then. What Chrome
 * makes of it meanwhile is given back, where that is wanted, and once more at the end.
 */
export async function tendChrome(keep: Keep, here: Here): Promise<void> {
  const { held, clock, lookEveryMs, writeBackEveryMs: everyMs, post, calls, ending } = keep
  const signal = AbortSignal.any([here.signal, ending])
  const failures = createBackOff(clock, { firstMs: 1_000, longestMs: 60_000 })
  const giver = everyMs === undefined ? undefined : createGiver(keep, here, { everyMs })
  let lookAtMs = 0
  let answered = 0

  async function tend(heard: number): Promise<void> {
    const newest = held.newest()
    if (newest && isNewer(newest, here.offered)) {
      // A revision was seen signed in by the broker; a look may make the site change it once more.
      if (!baseOf(here, newest)) lookAtMs = 0
      await applyHere(keep, here, { state: newest, reason: 'newer' })
    } else if (here.applied) await (await leadOf(here)).confirm()
    if (!here.applied) return
    if (clock.now() >= lookAtMs) {
      await seeSignedIn(keep, here, heard)
      // What news have broken off is done again after them.
      if (held.changes.rings() === heard) lookAtMs = clock.now() + lookEveryMs * (0.8 + 0.4 * clock.random())
    }
    await giver?.giveBack(heard)
  }

  /** Without a state there is nothing to look at. */
  const dueInMs = () =>
    here.applied
      ? Math.min(lookAtMs - clock.now(), giver?.dueInMs() ?? Number.POSITIVE_INFINITY)
      : lookEveryMs

  post.begin(here.chrome.product)
  while (!signal.aborted) {
    const called = post.round()
    if (called > answered) lookAtMs = 0
    answered = called
    const heard = held.changes.rings()
    const isDone = await attempt(keep, here, () => tend(heard))
    // What was broken off for news is done again at once.
    if (held.changes.rings() === heard) post.passed()
    if (isDone) failures.reset()
    const ms = isDone ? Math.max(0, dueInMs()) : failures.nextMs()
    const rungSince = (_heard: number, until: AbortSignal) =>
      Promise.race([held.changes.rungSince(heard, until), calls.rungSince(called, until)])
    await waitForNews(clock, { rungSince, heard, ms, signal })
  }
  if (giver && !here.signal.aborted) await giver.giveLast()
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
