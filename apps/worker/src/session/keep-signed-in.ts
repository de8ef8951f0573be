import type { Keep } from './here.ts'
import type { Memory } from './memory.ts'
import { type AttachedChrome, StoodDown } from './ports/chrome.ts'
import { takeLead } from './take-lead.ts'
import { tendChrome } from './tend-chrome.ts'

/** Keeps one Chrome signed in to one session, through its restarts, until it is stopped. */
export async function keepSignedIn(keep: Keep): Promise<void> {
  const { line, claims, held, ending, stopping } = keep
  const memory: Memory = {}
  try {
    while (!ending.aborted) {
      const chrome = await line.attached(ending).catch(unlessAborted(ending))
      if (!chrome) return
      const signal = AbortSignal.any([stopping, chrome.gone])
      const { lead, standBy } = await takeLead(keep, chrome, AbortSignal.any([ending, signal]))
      if (lead) await tendChrome(keep, { chrome, lead, memory, signal }).finally(lead.leave)
      if (await isStillThere(keep, chrome)) continue
      if (!ending.aborted) reportGone(keep, chrome.product, standBy?.workerId)
    }
  } finally {
    claims.release(held.session)
  }
}

/** The end is not a failure: what another Chrome has to say then is waited for. */
function unlessAborted(signal: AbortSignal): (error: unknown) => undefined {
  return (error) => {
    if (!signal.aborted) throw error
  }
}

const backWithinMs = 3_000

/** After this worker stood down, Chrome is there as a rule, and whoever acts now has reported it. */
async function isStillThere(
  { line, clock, ending }: Keep,
  { gone: { reason } }: AttachedChrome,
): Promise<boolean> {
  if (!(reason instanceof StoodDown)) return false
  const over = new AbortController()
  const signal = AbortSignal.any([ending, over.signal])
  const back = line.attached(signal).then(
    () => true,
    () => false,
  )
  const isBack = await Promise.race([back, clock.wait(backWithinMs, signal).then(() => false)])
  over.abort()
  return isBack
}

function reportGone({ held, report }: Keep, chrome: string, as?: string): void {
  const { generation = 0, revision = 0 } = held.newest() ?? {}
  report({ session: held.session, generation, revision, outcome: 'chrome_unreachable', chrome }, as)
}
