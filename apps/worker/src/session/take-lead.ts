import { createBackOff } from './back-off.ts'
import type { Keep } from './here.ts'
import type { AttachedChrome, Lead, StandBy } from './ports/chrome.ts'

/** What came of the wait. */
interface Wait {
  /** Undefined where the signal ended it. */
  lead?: Lead
  /** What this worker was last while it waited. */
  standBy?: StandBy
}

/** Waits until this worker is the one that acts for the session in this Chrome; as long as another does, it stands by. */
export async function takeLead(keep: Keep, chrome: AttachedChrome, signal: AbortSignal): Promise<Wait> {
  const { held, clock, log, line } = keep
  const failures = createBackOff(clock, { firstMs: 500, longestMs: 60_000 })
  const fields = { session: held.session, chrome: chrome.product, worker: line.workerId }
  let standBy: StandBy | undefined
  const over = new AbortController()
  while (!signal.aborted) {
    try {
      const onStandBy = (place: StandBy) => {
        standBy = place
        log.info({ ...fields, ...(place.acting && { reason: `${place.acting} acts` }) }, 'standing by')
        void reportStandBy(keep, { chrome, place, signal: AbortSignal.any([signal, over.signal]) })
      }
      const lead = await chrome.lead(held.session, { signal, onStandBy })
      if (standBy) log.info(fields, 'took over')
      return { lead }
    } catch (error) {
      if (signal.aborted) break
      log.error({ ...fields, error }, 'chrome failed')
      await clock.wait(failures.nextMs(), signal)
    } finally {
      over.abort()
    }
  }
  return standBy ? { standBy } : {}
}

interface Standing {
  chrome: AttachedChrome
  place: StandBy
  signal: AbortSignal
}

/** It follows the broker as the acting one does: what it would put in is told each time that it changes. */
async function reportStandBy({ held, report }: Keep, { chrome, place, signal }: Standing): Promise<void> {
  const { session } = held
  while (!signal.aborted) {
    const heard = held.changes.rings()
    const { generation = 0, revision = 0 } = held.newest() ?? {}
    const detail = place.acting && place.acting !== place.workerId && `${place.acting} acts`
    report(
      {
        ...{ session, generation, revision, outcome: 'standing_by', chrome: chrome.product.slice(0, 200) },
        ...(detail && { detail }),
      },
      place.workerId,
    )
    await held.changes.rungSince(heard, signal)
  }
}
