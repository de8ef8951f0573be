import type { Cookie, IssuedSession } from '@session-broker/shared'
import { applyHere, baseOf } from '../apply-here.ts'
import type { Here, Keep } from '../here.ts'
import { seeSignedIn } from '../mend-signed-out.ts'
import { createPace } from './pace.ts'
import { putRevision } from './put-revision.ts'
import { createRefusals } from './refusals.ts'

/** Gives back what one Chrome makes of one session. */
export interface Giver {
  /** When to look at Chrome's cookies next, in ms from now. */
  dueInMs(): number
  /** Looks at them, if it is time to, and gives back what has changed. */
  giveBack(heard: number): Promise<void>
  /** At the end: what has changed by now, and lets another worker write. */
  giveLast(): Promise<void>
}

/** Tries in a row after somebody else was first. */
const mostConflicts = 3

export function createGiver(keep: Keep, here: Here, { everyMs }: { everyMs: number }): Giver {
  const { held, clock, broker, line } = keep
  const pace = createPace({ clock, everyMs })
  const refusals = createRefusals(keep, { everyMs })
  const worker = line.workerId
  let dueAtMs = clock.now() + pace.nextMs()
  let conflicts = 0
  let isWriter = false
  let heardAtPut = 0

  /** The revision that Chrome's cookies are to be compared with; undefined while nothing of it may be given back. */
  function base(): IssuedSession | undefined {
    const isNewest = held.current()?.issued === here.applied
    return isNewest && !here.cookiesDiffer && here.seen === 'signed_in' ? here.applied : undefined
  }

  /** @returns what Chrome holds, where that is no longer what was put in */
  async function readChanged(applied: IssuedSession): Promise<readonly Cookie[] | undefined> {
    const { cookies, changed } = await here.chrome.heldCookies(applied, here.signal)
    return changed.length > 0 ? cookies : undefined
  }

  async function elect(): Promise<boolean> {
    const { isYou } = await broker.electWriter({ session: held.session, worker, signal: here.signal })
    isWriter = isYou
    return isYou
  }

  async function release(): Promise<void> {
    if (!isWriter) return
    isWriter = false
    await broker.electWriter({ session: held.session, worker, release: true, signal: here.signal })
  }

  async function put(applied: IssuedSession): Promise<void> {
    const outcome = await putRevision(keep, here, applied)
    if (outcome === 'put') refusals.forget()
    // What came first goes in, and is merged with what is here; then it is tried again.
    conflicts = outcome === 'conflict' ? conflicts + 1 : 0
    if (conflicts > 0 && conflicts <= mostConflicts) dueAtMs = clock.now() + everyMs / 4
  }

  async function give(heard: number): Promise<void> {
    const applied = base()
    if (!applied) return
    const cookies = await readChanged(applied)
    if (!cookies) return pace.sawNone()
    if (!(await elect())) {
      const isStill = JSON.stringify(here.held?.cookies) === JSON.stringify(cookies)
      if (!isStill) here.held = { cookies, atMs: clock.now() }
      return
    }
    pace.sawChange()
    dueAtMs = clock.now() + pace.nextMs()
    // Its own verdict first: a Chrome that is signed out gives nothing back, and asks for a refresh instead.
    await seeSignedIn(keep, here, heard)
    if (base() === applied) await put(applied)
    else await release()
  }

  /** Whoever is the writer: what is here would be lost. */
  async function putLast(): Promise<'conflict' | undefined> {
    const applied = base()
    if (!applied || !(await readChanged(applied))) return undefined
    heardAtPut = held.changes.rings()
    return (await putRevision(keep, here, applied)) === 'conflict' ? 'conflict' : undefined
  }

  /** What came first goes in, merged with what is here. */
  async function takeNews(): Promise<void> {
    await held.changes.rungSince(heardAtPut, here.signal)
    const newest = held.newest()
    if (newest && baseOf(here, newest)) await applyHere(keep, here, { state: newest, reason: 'newer' })
  }

  return {
    dueInMs: () => dueAtMs - clock.now(),
    async giveBack(heard) {
      if (clock.now() < dueAtMs) return
      dueAtMs = clock.now() + pace.nextMs()
      await give(heard).catch((error) => {
        dueAtMs = clock.now() + refusals.pauseAfter(error, here)
      })
    },
    async giveLast() {
      try {
        for (let tries = 0; tries < mostConflicts && (await putLast()) === 'conflict'; tries++)
          await takeNews()
        await release()
      } catch (error) {
        refusals.pauseAfter(error, here)
      }
    },
  }
}
