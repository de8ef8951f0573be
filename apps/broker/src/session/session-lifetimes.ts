import type { StoredSession } from './ports/session-store.ts'

/** So many earlier generations are remembered. */
export const keptLifetimes = 5

/**
 * The lifetimes with that of the generation that is about to be replaced, newest first. Only one that was seen to have ended has
 * a lifetime: from when it was obtained until it was last seen alive.
 */
export function withLifetime(
  lifetimesMs: readonly number[],
  ending: StoredSession | undefined,
): readonly number[] {
  if (ending?.verdict !== 'signed_out') return lifetimesMs
  return [ending.aliveAtMs - ending.obtainedAtMs, ...lifetimesMs].slice(0, keptLifetimes)
}
