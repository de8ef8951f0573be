import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Recipe, withoutQuery } from '@session-broker/shared'
import type { Clock } from '../session/ports/clock.ts'
import type { EvidenceKeeper, FailureEvidence } from '../session/ports/evidence-keeper.ts'
import type { Log } from '../session/ports/log.ts'
import { type EvidenceLimits, pruneEvidence } from './prune-evidence.ts'

const dayMs = 24 * 60 * 60_000

export interface EvidenceOptions {
  /** The data folder; all lies in `evidence` there. */
  data: string
  limits: EvidenceLimits
  clock: Pick<Clock, 'now' | 'wait'>
  log: Pick<Log, 'warn'>
  onKept?: (where: string) => void
  /** Ends the daily tidying. */
  signal: AbortSignal
}

/**
 * Opens the folder that keeps what is left of failed logins, `evidence/<session>/<time>-<class>/` with a report and a picture, for the
 * broker's user alone. What is too old or too much is removed now, at each write and every day.
 */
export async function openEvidence({
  data,
  limits,
  clock,
  log,
  onKept,
  signal,
}: EvidenceOptions): Promise<EvidenceKeeper> {
  const folder = join(data, 'evidence')
  const tidy = () =>
    pruneEvidence(folder, limits, clock.now()).catch((error) =>
      log.warn({ error }, 'old evidence of failed logins could not be removed'),
    )
  await tidy()
  void repeat(tidy, () => clock.wait(Math.min(dayMs, limits.maxAgeMs), signal), signal)
  return async function keepEvidence(evidence) {
    const { session } = evidence
    const at = new Date(clock.now()).toISOString()
    const where = join('evidence', session, `${at.replaceAll(':', '-')}-${evidence.class}`)
    try {
      await write(join(data, where), reportOf(evidence, at), evidence.traces.picture)
    } catch (error) {
      log.warn({ session, error }, 'the evidence of a failed login could not be kept')
      return undefined
    }
    await tidy()
    onKept?.(where)
    return where
  }
}

async function repeat(work: () => Promise<void>, rest: () => Promise<void>, signal: AbortSignal) {
  while (!signal.aborted) {
    await rest()
    if (!signal.aborted) await work()
  }
}

async function write(folder: string, report: object, picture: Uint8Array | undefined): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = { mode: 0o600, flag: 'wx' }
  if (picture) await writeFile(join(folder, 'page.png'), picture, file)
  await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`, file)
}

/** A recipe may name what is to be typed and chosen, and selectors and addresses may hold it, too. */
function showRecipe(recipe: Recipe, clean: (text: string) => string): unknown {
  const shown = JSON.stringify(recipe, (key, value: unknown) => {
    if (key === 'with' || key === 'option') return undefined
    if (typeof value !== 'string') return value
    return clean(key === 'goto' || key === 'url' ? withoutQuery(value) : value)
  })
  return JSON.parse(shown)
}

function reportOf({ session, class: failure, detail, tookMs, recipe, traces }: FailureEvidence, at: string) {
  const { steps, browser, url, text, picture, clean } = traces
  return {
    ...{ session, at, class: failure, detail: clean(detail), tookMs },
    ...(url !== undefined && { url }),
    trail: steps.map(({ atMs, url: page, what, text: told }) => ({ atMs, url: page, [what]: told })),
    ...(text !== undefined && { text }),
    ...(!picture && { picture: 'none could be taken' }),
    ...(browser !== undefined && { browser }),
    recipe: showRecipe(recipe, clean),
  }
}
