import type { Clock } from './ports/clock.ts'

/** Runs `work` with a signal that is aborted after `ms`, or with the given one. The work has to mind it. */
export async function withDeadline<T>(
  { clock, ms, signal }: { clock: Clock; ms: number; signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const late = new AbortController()
  const reason = new Error('the time for this is over')
  void clock.wait(ms, over.signal).then(() => over.signal.aborted || late.abort(reason))
  try {
    return await work(AbortSignal.any([signal, late.signal]))
  } finally {
    over.abort()
  }
}
