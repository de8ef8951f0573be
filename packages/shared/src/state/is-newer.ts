import type { IssuedSession } from './session-state.ts'

export type Version = Pick<IssuedSession, 'generation' | 'revision' | 'obtainedAt'>

/**
 * Whether `candidate` may replace `held`. Generations only grow, so a lower one is an old one that came late; unless
 * it was obtained later: then the broker's store was wiped or rolled back, and it counts from the beginning.
 */
export function isNewer(candidate: Version, held: Version | undefined): boolean {
  if (!held) return true
  if (Date.parse(candidate.obtainedAt) > Date.parse(held.obtainedAt)) return true
  if (candidate.generation !== held.generation) return candidate.generation > held.generation
  return candidate.revision > held.revision
}
