import type { History, Published, StoreCall } from '../history/history.ts'
import { newerOf, showVersion } from './versions.ts'

type PublishCall = Extract<StoreCall, { name: 'commit' | 'revision' }>

/** One publication that was asked for, however often. */
export interface Publication extends Published {
  session: string
  /** Of a generation's first state: the login that made it. */
  operationId?: string
  firstAskedAtMs: number
  /** Acknowledged at; absent where nobody was told, though it may have happened. */
  toldAtMs?: number
  /** It was acknowledged, or read. */
  isCertain: boolean
}

/** What the brokers have published, or may have; not what was refused for certain. */
export function publicationsOf({ calls, reads }: Pick<History, 'calls' | 'reads'>): Publication[] {
  const found = new Map<string, Publication>()
  const keyOf = (session: string, version: Published) => `${session} ${showVersion(version)} ${version.mark}`
  for (const call of calls) {
    if (call.name !== 'commit' && call.name !== 'revision') continue
    if (isRefused(call)) continue
    const key = keyOf(call.session, call)
    const publication = found.get(key) ?? newPublication(call)
    found.set(key, publication)
    if (call.answeredAtMs === undefined) continue
    publication.isCertain = true
    publication.toldAtMs = Math.min(publication.toldAtMs ?? Number.POSITIVE_INFINITY, call.answeredAtMs)
  }
  for (const read of reads) {
    const publication = found.get(keyOf(read.session, read))
    if (publication) publication.isCertain = true
  }
  return [...found.values()]
}

function isRefused({ answer }: PublishCall): boolean {
  return answer !== undefined && answer !== 'committed' && answer !== true
}

function newPublication(call: PublishCall): Publication {
  const { session, generation, revision, mark, content, askedAtMs } = call
  return {
    ...{ session, generation, revision, mark, content },
    ...(call.name === 'commit' && { operationId: call.operationId }),
    firstAskedAtMs: askedAtMs,
    isCertain: false,
  }
}

/** The newest version of a session that somebody had been told of by then. */
export function newestTold(
  publications: readonly Publication[],
  session: string,
  beforeMs: number,
): Publication | undefined {
  return publications
    .filter((each) => each.session === session && (each.toldAtMs ?? Number.POSITIVE_INFINITY) < beforeMs)
    .reduce<Publication | undefined>((newest, each) => newerOf(newest, each), undefined)
}
