import { type IssuedSession, isNewer, type Verdict } from '@session-broker/shared'
import { applyHere } from './apply-here.ts'
import { askRefresh } from './ask-refresh.ts'
import type { Here, Keep } from './here.ts'

/**
 * Looks whether this Chrome is signed in, and where it is not, asks the broker for a newer state. Where the broker
 * finds the same state alive, it goes in once more; what does not work even then is reported, and left until there
 * is a newer generation. Where the site does not tell, nothing is done.
 * @param heard changes of the held session that are known about
 */
export async function seeSignedIn(keep: Keep, here: Here, heard: number): Promise<void> {
  const { applied, memory } = here
  if (!applied) return
  const known = keep.desk.answers()
  const verdict = await lookUnlessNews(keep, here, heard)
  if (verdict === 'signed_in') forgetTrouble(here)
  if (verdict !== 'signed_out' || isNewerThere(keep, applied)) return
  if (memory.appliedAgain === applied.generation) return reportNotAccepted(keep, here, applied)
  const answer = await askRefresh(keep, here, { applied, heard, known })
  if (answer?.outcome !== 'alive' || isBeyond(answer, applied)) return
  memory.appliedAgain = applied.generation
  await applyHere(keep, here, { state: applied, reason: 'again' })
  await seeSignedIn(keep, here, heard)
}

/** A look can take seconds, and a newer state does not wait for it. @returns undefined where there is one */
async function lookUnlessNews(keep: Keep, here: Here, heard: number): Promise<Verdict | undefined> {
  const over = new AbortController()
  const news = new AbortController()
  const until = AbortSignal.any([here.signal, over.signal])
  void keep.held.changes.rungSince(heard, until).then(() => news.abort())
  try {
    return await look(keep, here, AbortSignal.any([here.signal, news.signal]))
  } catch (error) {
    if (here.signal.aborted || !news.signal.aborted) throw error
    return undefined
  } finally {
    over.abort()
  }
}

async function look(
  { held, log, line, report, post }: Keep,
  here: Here,
  signal: AbortSignal,
): Promise<Verdict> {
  const { chrome, applied } = here
  const check = await held.check(signal)
  const verdict = check ? await chrome.look(check, signal) : 'unclear'
  post.looked(verdict)
  if (verdict === here.seen) return verdict
  here.seen = verdict
  if (here.report) report({ ...here.report, seen: verdict })
  const { session, generation = 0, revision = 0 } = applied ?? { session: held.session }
  const fields = { session, generation, revision, chrome: chrome.product, worker: line.workerId }
  if (verdict === 'signed_in') log.info(fields, 'signed in here')
  if (verdict === 'signed_out') log.warn(fields, 'signed out here')
  if (verdict === 'unclear') log.warn(fields, 'unclear here')
  return verdict
}

function forgetTrouble({ memory }: Here): void {
  memory.appliedAgain = undefined
  memory.notAccepted = undefined
}

/** It came while Chrome was looked at: it goes in first. */
function isNewerThere({ held }: Keep, applied: IssuedSession): boolean {
  const newest = held.newest()
  return newest !== undefined && isNewer(newest, applied)
}

function isBeyond(
  told: { generation: number; revision: number },
  { generation, revision }: IssuedSession,
): boolean {
  return told.generation !== generation || told.revision > revision
}

function reportNotAccepted({ log, report, line }: Keep, here: Here, applied: IssuedSession): void {
  const { session, generation, revision } = applied
  if (here.memory.notAccepted === generation) return
  here.memory.notAccepted = generation
  const outcome = 'not_accepted_here'
  if (here.report) report({ ...here.report, outcome, seen: 'signed_out' })
  const suspect = here.userAgentDiffers
    ? 'this Chrome has another user agent'
    : 'does it leave by another address?'
  const fields = {
    session,
    generation,
    revision,
    outcome,
    chrome: here.chrome.product,
    worker: line.workerId,
  }
  log.error({ ...fields, reason: `the broker finds it alive; ${suspect}` }, 'not accepted here')
}
