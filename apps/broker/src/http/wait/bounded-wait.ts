import type { ServerResponse } from 'node:http'
import type { Clock } from '../../session/ports/clock.ts'

export interface BoundedWait {
  /** Aborted when the time is over, the caller has hung up, or the broker stops. */
  signal: AbortSignal
  /** To be called when the wait is over for another reason. */
  end(): void
}

/** The bound of one caller's wait. */
export function boundWait(
  response: ServerResponse,
  { seconds, clock, stopping }: { seconds: number; clock: Clock; stopping: AbortSignal },
): BoundedWait {
  const controller = new AbortController()
  function end(): void {
    response.off('close', end)
    stopping.removeEventListener('abort', end)
    controller.abort()
  }
  response.once('close', end)
  stopping.addEventListener('abort', end)
  if (stopping.aborted || seconds === 0) end()
  else void clock.wait(seconds * 1000, controller.signal).then(end)
  return { signal: controller.signal, end }
}

/** The promise's value, or `undefined` when the signal ends the wait first. Rejects as the promise does. */
export function within<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    // What has settled already counts even when no time is left to wait.
    promise.then(resolve, reject)
    const giveUp = () => setImmediate(resolve, undefined)
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp, { once: true })
  })
}
