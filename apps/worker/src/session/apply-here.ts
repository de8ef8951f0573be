import type { IssuedSession } from '@session-broker/shared'
import type { Here, Keep } from './here.ts'
import type { Applied, ApplyOrder as ChromeOrder } from './ports/chrome.ts'
import { putIn } from './put-in.ts'
import type { KeptReport } from './send-reports.ts'

export interface ApplyOrder {
  state: IssuedSession
  /** For the log. */
  reason: 'newer' | 'again'
}

/** Puts a state into this Chrome and reports. Throws when Chrome fails meanwhile; then nothing counts as applied. */
export async function applyHere(keep: Keep, here: Here, { state, reason }: ApplyOrder): Promise<void> {
  const { line, clock, log } = keep
  const { session, generation, revision } = state
  // What Chrome holds as it comes was not published to it, however new it is.
  const cause = reason === 'again' ? 'again' : here.offered ? 'published' : 'attached'
  const onto = reason === 'newer' ? mergedOnto(here, state, clock.now()) : {}
  const startedAtMs = clock.monotonicMs()
  const applied = await putIn(keep, here, { state, ...onto })
  here.offered = state
  const { outcome, applyMs, detail } = applied
  keep.post.applied({ outcome, applyMs })
  const fields = {
    session,
    generation,
    revision,
    outcome,
    applyMs,
    chrome: here.chrome.product,
    worker: line.workerId,
  }
  if (outcome === 'refused') {
    log.error({ ...fields, ...(detail && { reason: detail }) }, 'apply refused')
  } else {
    here.applied = state
    here.userAgentDiffers = applied.userAgentDiffers
    here.cookiesDiffer = applied.cookiesDiffer ?? false
    delete here.held
    if (!onto.base) delete here.seen
    log.info({ ...fields, reason: detail ?? reason }, 'applied')
  }
  const appliedAtMs = Math.min(startedAtMs + applyMs, clock.monotonicMs())
  here.report = {
    ...reportOf(here, state, applied),
    ...(outcome !== 'refused' && { cause, appliedAtMs }),
  }
  keep.report(here.report)
}

/** A revision that comes may have been on its way for so long. */
const underWayMs = 2_000

function mergedOnto(here: Here, state: IssuedSession, nowMs: number): Pick<ChromeOrder, 'base' | 'seen'> {
  const base = baseOf(here, state)
  if (!base) return {}
  const { held } = here
  return { base, ...(held && nowMs - held.atMs >= underWayMs && { seen: held.cookies }) }
}

/** What a revision is merged onto. A Chrome that is signed out has nothing worth to keep. */
export function baseOf({ applied, seen }: Here, state: IssuedSession): IssuedSession | undefined {
  const isRevision = applied?.generation === state.generation && applied.obtainedAt === state.obtainedAt
  return isRevision && seen !== 'signed_out' ? applied : undefined
}

function reportOf(here: Here, state: IssuedSession, { outcome, applyMs, detail }: Applied): KeptReport {
  return {
    session: state.session,
    generation: state.generation,
    revision: state.revision,
    outcome,
    chrome: here.chrome.product.slice(0, 200),
    applyMs,
    ...(detail && { detail: detail.slice(0, 1000) }),
  }
}
