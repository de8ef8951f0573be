import type { ChallengeKind } from '@session-broker/shared'

/** What people are told outside; nothing of the page. */
export interface ChallengeNotice {
  event: 'opened' | 'closed'
  session: string
  id: string
  kind: ChallengeKind
  expiresAtMs: number
  /** How it ended. */
  outcome?: 'answered' | 'unanswered'
}

/** Tells people that they are needed, or no longer. Never rejects: what could not be told is logged. */
export type ChallengeNotifier = (notice: ChallengeNotice, signal: AbortSignal) => Promise<void>
