import { ExecutionError, ResourceLockedError } from 'redlock'

/** How the lock servers answered when there was no majority for something. */
export interface Votes {
  for: number
  /** Said that somebody else holds it, or that it is gone. */
  against: number
  /** Gave no answer. */
  silent: number
  majority: number
}

/** Undefined where the error is not of a vote. */
export async function countVotes(error: unknown): Promise<Votes | undefined> {
  const stats = error instanceof ExecutionError ? await error.attempts.at(-1) : undefined
  if (!stats) return undefined
  const against = [...stats.votesAgainst.values()].filter(
    (vote) => vote instanceof ResourceLockedError,
  ).length
  return {
    for: stats.votesFor.size,
    against,
    silent: stats.votesAgainst.size - against,
    majority: stats.quorumSize,
  }
}
