import type { SessionPlace } from '../../session/ports/session-store.ts'
import type { WriterBoard, WriterLease } from '../../session/ports/writer-board.ts'

/** In memory: a broker that starts again begins without a writer, and the next who asks is it. */
export function keepWriters(now: () => number): WriterBoard {
  const leases = new Map<string, WriterLease>()
  const keyOf = ({ account, session }: SessionPlace) => JSON.stringify([account, session])

  function holderOf(place: SessionPlace): WriterLease | undefined {
    const lease = leases.get(keyOf(place))
    return lease && now() < lease.endsAtMs ? lease : undefined
  }

  return {
    async claimWriter(place, { worker, holdMs }) {
      const holder = holderOf(place)
      if (holder && holder.worker !== worker) return holder
      const lease = { worker, endsAtMs: now() + holdMs }
      leases.set(keyOf(place), lease)
      return lease
    },
    async releaseWriter(place, { worker }) {
      const holder = holderOf(place)
      if (holder?.worker !== worker) return holder
      leases.delete(keyOf(place))
      return undefined
    },
  }
}
