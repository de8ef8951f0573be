import { createBackOff } from './back-off.ts'
import type { Keep } from './here.ts'
import type { AttachedChrome, Lead, StandBy } from './ports/chrome.ts'

/** A wait to be the one that acts for the session in this Chrome. */
export interface Candidacy {
  /** Undefined where the signal ended the wait; never rejects. */
  lead: Promise<Lead | undefined>
  /** Aborted where it is not granted at once: another one acts, or Chrome fails. */
  waits: AbortSignal
  /** What this worker was last while it waited. */
  standBy(): StandBy | undefined
}

/** As long as another worker acts, this one stands by. */
export function takeLead(keep: Keep, chrome: AttachedChrome, signal: AbortSignal): Candidacy {
  const waits = new AbortController()
  let standBy: StandBy | undefined
  const onWait = (place?: StandBy) => {
    standBy = place ?? standBy
    waits.abort()
  }
  const lead = waitForLead(keep, { chrome, signal, onWait }).then((granted) => {
    if (!granted) onWait()
    return granted
  })
  return { lead, waits: waits.signal, standBy: () => standBy }
}

interface Waiting {
  chrome: AttachedChrome
  signal: AbortSignal
  onWait(place?: StandBy): void
}

async function waitForLead(keep: Keep, { chrome, signal, onWait }: Waiting): Promise<Lead | undefined> {
  const { held, clock, log, line } = keep
  const failures = createBackOff(clock, { firstMs: 500, longestMs: 60_000 })
  const fields = { session: held.session, chrome: chrome.product, worker: line.workerId }
  while (!signal.aborted) {
    const over = new AbortController()
    let stoodBy = false
    const onStandBy = (place: StandBy) => {
      stoodBy = true
      onWait(place)
      log.info({ ...fields, ...(place.acting && { reason: `${place.acting} acts` }) }, 'standing by')
      void reportStandBy(keep, { chrome, place, signal: AbortSignal.any([signal, over.signal]) })
    }
    try {
      const lead = await chrome.lead(held.session, { signal, onStandBy })
      if (stoodBy) log.info(fields, 'took over')
      return lead
    } catch (error) {
      if (signal.aborted) return undefined
      onWait()
      log.error({ ...fields, error }, 'chrome failed')
      await clock.wait(failures.nextMs(), signal)
    } finally {
      over.abort()
    }
  }
  return undefined
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
