import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningProcess } from './start-process.ts'

export interface WaitOptions {
  withinMs: number
  everyMs?: number
  signal?: AbortSignal | undefined
}

/**
 * Asks again until `probe` says true; a probe that throws counts as no.
 * @throws Error that says what the process wrote, when it ends first or the time is up
 */
export async function waitFor(
  started: RunningProcess,
  probe: (signal: AbortSignal) => Promise<boolean>,
  { withinMs, everyMs = 50, signal }: WaitOptions,
): Promise<void> {
  const timeUp = AbortSignal.timeout(withinMs)
  const either = signal === undefined ? timeUp : AbortSignal.any([signal, timeUp])
  let lastError: unknown
  while (!either.aborted) {
    if (!started.isRunning()) throw failure(started, 'ended while it was starting', lastError)
    try {
      if (await probe(either)) return
    } catch (error) {
      lastError = error
    }
    await sleep(everyMs, undefined, { signal: either }).catch(() => undefined)
  }
  signal?.throwIfAborted()
  throw failure(started, `did not answer within ${withinMs / 1000} s`, lastError)
}

function failure({ name, output }: RunningProcess, what: string, cause: unknown): Error {
  return new Error(`${name} ${what}. It wrote:\n${output().slice(-2_000)}`, { cause })
}
