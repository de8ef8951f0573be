import type { History, Read } from '../history/history.ts'
import { newestTold, publicationsOf } from './publications.ts'
import { compareVersions, newerOf, showVersion, type Version } from './versions.ts'
import type { Violation } from './violation.ts'

/**
 * At each broker a session only grows: what is read is no older than what the same process had told before the read
 * began, and no older than what was acknowledged, by whichever broker, before that process started. In the end nothing
 * that was acknowledged is gone. Between brokers nothing is promised meanwhile:
 * each is told of changes, and a while passes.
 */
export function checkReads(history: History): Violation[] {
  return [...wentBack(history), ...untrueRefreshes(history), ...lostCommits(history)]
}

interface Told extends Version {
  endedAtMs: number
}

function wentBack(history: History): Violation[] {
  const { brokers, reads, refreshes } = history
  const startedAtMs = new Map(brokers.map((each) => [each.broker, each.startedAtMs]))
  const publications = publicationsOf(history)
  const readsOf = Map.groupBy(reads, ({ broker, session }) => `${broker} ${session}`)
  const refreshesOf = Map.groupBy(refreshes, ({ broker, session }) => `${broker} ${session}`)
  return [...readsOf].flatMap(([key, here]) => {
    const [{ broker, session } = { broker: '', session: '' }] = here
    const atStart = newestTold(publications, session, startedAtMs.get(broker) ?? 0)
    return readsThatWentBack(here, [...here, ...(refreshesOf.get(key) ?? [])], atStart)
  })
}

/** One walk over both in the order of time: the reads as they began, what was told as it was told. */
function readsThatWentBack(
  reads: readonly Read[],
  told: readonly Told[],
  atStart: Version | undefined,
): Violation[] {
  const violations: Violation[] = []
  const toldInOrder = told.toSorted((a, b) => a.endedAtMs - b.endedAtMs)
  let newest = atStart
  let at = 0
  for (const read of reads.toSorted((a, b) => a.startedAtMs - b.startedAtMs)) {
    for (let next = toldInOrder[at]; next && next.endedAtMs < read.startedAtMs; next = toldInOrder[++at]) {
      newest = newerOf<Version>(newest, next)
    }
    if (!newest || compareVersions(read, newest) >= 0) continue
    const what = `${read.broker} served ${showVersion(read)} after ${showVersion(newest)}`
    violations.push({ rule: 'read_went_back', where: read.session, what })
  }
  return violations
}

/** Who saw a generation fail is told of a newer one, or that it is alive. */
function untrueRefreshes({ refreshes }: History): Violation[] {
  return refreshes
    .filter(({ outcome, generation, seen }) => (outcome === 'alive' ? generation < seen : generation <= seen))
    .map(({ session, outcome, generation, seen }) => ({
      rule: 'untrue_refresh',
      where: session,
      what: `${seen} was seen to fail, and the answer was ${outcome} ${generation}`,
    }))
}

/** Each broker's last answer is no older than what had been acknowledged when all was healed. */
function lostCommits(history: History): Violation[] {
  const last = history.reads.filter(({ isLast }) => isLast)
  const publications = publicationsOf(history)
  const sessions = new Set(publications.map(({ session }) => session))
  return [...sessions].flatMap((session) => {
    const newest = newestTold(publications, session, history.healedAtMs)
    if (!newest) return []
    const served = last.filter((read) => read.session === session)
    const behind = served.filter((read) => compareVersions(read, newest) < 0)
    const whats = behind.map(
      (read) => `${read.broker} serves ${showVersion(read)} in the end, not ${showVersion(newest)}`,
    )
    if (served.length === 0) whats.push(`nobody serves ${showVersion(newest)} in the end`)
    return whats.map((what) => ({ rule: 'commit_lost' as const, where: session, what }))
  })
}
