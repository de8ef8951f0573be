import type { WorkerReport } from '@session-broker/shared'
import type { Clock } from './ports/clock.ts'
import type { MirroredSession, SessionMirror } from './session-mirror.ts'

type Version = Pick<MirroredSession, 'generation' | 'revision'>

/** When the newest states of each session were published, by this broker's monotonic clock. */
export interface PublicationTimes {
  /**
   * How long a state that was just reported took from its publication to Chrome, in milliseconds. Undefined where it did not go there
   * because it was published, and where this broker does not know when that was.
   */
  commitToAppliedMs(report: WorkerReport): Promise<number | undefined>
}

/** A worker that was away reports the newest that it has; older ones than these are of no use any more. */
const keptVersions = 16

/**
 * No two machines' clocks are held against each other: how old a state was when it was first read here is known by the store's
 * clock alone, how long ago that was by this process's monotonic clock, and how long ago it was applied by the worker's.
 */
export function notePublicationTimes({
  mirror,
  clock,
}: {
  mirror: Pick<SessionMirror, 'get' | 'names' | 'onChange' | 'reload'>
  clock: Pick<Clock, 'monotonicMs'>
}): PublicationTimes {
  /** By session and version, oldest first. */
  const times = new Map<string, Map<string, { mark: string; atMs: number }>>()

  function note({ definition, snapshot, readAtMs }: MirroredSession): void {
    const { stored, nowMs } = snapshot
    if (stored?.publishedAtMs === undefined) return
    const versions = times.get(definition.session) ?? new Map()
    times.set(definition.session, versions)
    // The first reading tells best: the less time has passed since, the less two clocks may have run apart.
    if (versions.get(nameOf(stored))?.mark === stored.mark) return
    versions.set(nameOf(stored), { mark: stored.mark, atMs: readAtMs - (nowMs - stored.publishedAtMs) })
    for (const oldest of [...versions.keys()].slice(0, -keptVersions)) versions.delete(oldest)
  }

  /** A worker may have it from another replica, before this one was told. */
  async function find(session: string, version: Version): Promise<number | undefined> {
    if (isBeyond(version, mirror.get(session))) await mirror.reload(session)
    return times.get(session)?.get(nameOf(version))?.atMs
  }

  for (const name of mirror.names()) note(mirror.get(name))
  mirror.onChange(note)
  return {
    async commitToAppliedMs(report) {
      const { session, cause, appliedAgoMs } = report
      if (cause !== 'published' || appliedAgoMs === undefined) return undefined
      const appliedAtMs = clock.monotonicMs() - appliedAgoMs
      const publishedAtMs = await find(session, report)
      if (publishedAtMs === undefined) return undefined
      return Math.max(0, Math.round(appliedAtMs - publishedAtMs))
    },
  }
}

const nameOf = ({ generation, revision }: Version) => `${generation}.${revision}`

function isBeyond({ generation, revision }: Version, known: Version): boolean {
  return generation > known.generation || (generation === known.generation && revision > known.revision)
}
