import type { Bell } from './bell.ts'
import type { Clock } from './ports/clock.ts'

/** Until the bell has rung since, or `ms` have passed, or the signal is aborted; never rejects. */
export async function waitForNews(
  clock: Clock,
  {
    rungSince,
    heard,
    ms,
    signal,
  }: Pick<Bell, 'rungSince'> & { heard: number; ms: number; signal: AbortSignal },
): Promise<void> {
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  await Promise.race([rungSince(heard, either), clock.wait(ms, either)])
  over.abort()
}
