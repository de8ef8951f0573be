import { createBell } from '../../session/bell.ts'
import type { Standing, Standings } from '../../session/standings.ts'

export interface BoardOrder {
  standings: Pick<Standings, 'all' | 'changes'>
  sessions: readonly string[]
  /** How many Chromes there are. */
  chromes: number
  /** Resolves once the Chrome in which another worker acts was seen signed in, or with false where that has ended; never rejects. */
  lookBeside(standing: Standing): Promise<boolean>
}

/** A place where a session is missing; without a standing nothing is known of it. */
export interface Missing {
  session: string
  standing?: Standing
}

/** Tells when every session is signed in in every Chrome. */
export function createSignedInBoard({ standings, sessions, chromes, lookBeside }: BoardOrder) {
  const seen = createBell()
  /** Who stands by, since when, and whether that Chrome was seen signed in. */
  const beside = new Map<string, boolean>()
  const ofSession = (name: string) => standings.all().filter(({ session }) => session === name)

  function isIn(standing: Standing): boolean {
    const { outcome } = standing
    if (outcome === 'standing_by') return wasSeenBeside(standing)
    // A site that does not tell is no reason to keep the job: the broker has seen the state signed in before it gave it out,
    // and what the site says next the job will see.
    const isSeen = standing.seen === 'signed_in' || standing.seen === 'unclear'
    return isSeen && (outcome === 'applied' || outcome === 'partial')
  }

  function wasSeenBeside(standing: Standing): boolean {
    const { session, worker, sinceMs } = standing
    const key = `${session} ${worker} ${sinceMs}`
    if (!beside.has(key)) {
      beside.set(key, false)
      void lookBeside(standing).then((isSignedIn) => {
        beside.set(key, isSignedIn)
        seen.ring()
      })
    }
    return beside.get(key) === true
  }

  return {
    /** Resolves once all are in, or when the signal is aborted; never rejects. */
    async allIn(signal: AbortSignal): Promise<void> {
      for (;;) {
        const [heard, saw] = [standings.changes.rings(), seen.rings()]
        const isAllIn = sessions.every((name) => ofSession(name).filter(isIn).length >= chromes)
        if (isAllIn || signal.aborted) return
        const over = new AbortController()
        const either = AbortSignal.any([signal, over.signal])
        await Promise.race([standings.changes.rungSince(heard, either), seen.rungSince(saw, either)])
        over.abort()
      }
    },
    firstMissing(): Missing | undefined {
      for (const session of sessions) {
        const known = ofSession(session)
        const standing = known.find((one) => !isIn(one))
        if (standing) return { session, standing }
        if (known.length < chromes) return { session }
      }
      return undefined
    },
  }
}
