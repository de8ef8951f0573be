import { setTimeout as sleep } from 'node:timers/promises'

/** The first states of some sessions, which come or do not. */
export function awaitStates(longestMs: number) {
  const expected = new Map<string, { over: PromiseWithResolvers<void>; hasArrived: boolean }>()
  return {
    expect(session: string): void {
      if (expected.has(session)) return
      const over = Promise.withResolvers<void>()
      expected.set(session, { over, hasArrived: false })
      void sleep(longestMs, undefined, { ref: false }).then(over.resolve)
    },
    /** It is there, or it is known that none is to be put in. */
    arrived(session: string): void {
      const one = expected.get(session)
      if (!one) return
      one.hasArrived = true
      one.over.resolve()
    },
    forget(session: string): void {
      expected.get(session)?.over.resolve()
      expected.delete(session)
    },
    /** Resolves when all have arrived, or should have. */
    async awaited(): Promise<void> {
      await Promise.all([...expected.values()].map(({ over }) => over.promise))
    },
    /** Those that have not arrived. */
    missing: (): string[] => [...expected].filter(([, { hasArrived }]) => !hasArrived).map(([name]) => name),
  }
}
