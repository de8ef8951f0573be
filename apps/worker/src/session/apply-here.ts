import type { IssuedSession, WorkerReport } from '@session-broker/shared'
import type { Here, Keep } from './here.ts'
import type { Applied } from './ports/chrome.ts'

export interface ApplyOrder {
  state: IssuedSession
  /** For the log. */
  reason: 'newer' | 'again'
}

/** Puts a state into this Chrome and reports. Throws when Chrome fails meanwhile; then nothing counts as applied. */
export async function applyHere(keep: Keep, here: Here, { state, reason }: ApplyOrder): Promise<void> {
  const { held, line, claims, log } = keep
  const { session, generation, revision } = state
  const overlap = claims.claim(held.session, state)
  const applied = overlap ? overlapRefusal(overlap) : await here.chrome.apply({ state, signal: here.signal })
  here.offered = state
  const { outcome, applyMs, detail } = applied
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
    delete here.seen
    log.info({ ...fields, reason: detail ?? reason }, 'applied')
  }
  here.report = reportOf(here, state, applied)
  keep.report(here.report)
}

function overlapRefusal({ site, owner }: { site: string; owner: string }): Applied {
  return {
    outcome: 'refused',
    applyMs: 0,
    userAgentDiffers: false,
    detail: `the session ${owner} has ${site} in this Chrome already`,
  }
}

function reportOf(here: Here, state: IssuedSession, { outcome, applyMs, detail }: Applied): WorkerReport {
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
