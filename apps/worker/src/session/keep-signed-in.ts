import type { Keep } from './here.ts'
import type { Memory } from './memory.ts'
import { type AttachedChrome, StoodDown } from './ports/chrome.ts'
import { type Candidacy, takeLead } from './take-lead.ts'
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
      const candidacy = takeLead(keep, chrome, AbortSignal.any([ending, signal]))
      await tendInTurn(keep, { chrome, candidacy, memory, signal })
      if (await isStillThere(keep, chrome)) continue
      if (!ending.aborted) reportGone(keep, chrome.product, candidacy.standBy()?.workerId)
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

interface Turn {
  chrome: AttachedChrome
  candidacy: Candidacy
  memory: Memory
  signal: AbortSignal
}

/**
 * While Chrome decides who acts, the state is made ready to go in. Where another one acts, all of that is dropped, and begun again when
 * it has left.
 */
async function tendInTurn(keep: Keep, { chrome, candidacy, memory, signal }: Turn): Promise<void> {
  const { lead, waits } = candidacy
  const atOnce = AbortSignal.any([signal, waits])
  try {
    await tendChrome(keep, { chrome, lead, memory, signal: atOnce })
    if (waits.aborted && (await lead)) await tendChrome(keep, { chrome, lead, memory, signal })
  } finally {
    await (await lead)?.leave()
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
