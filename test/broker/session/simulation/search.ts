import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { SabotageName } from './sabotage.ts'

export interface Search {
  sabotage: SabotageName
  numRuns: number
  /** On a machine that is busy fewer runs have to do; left out: all of them. */
  withinMs?: number
  /** Left out: another one each time. A counterexample names it, and the path to it. */
  seed?: number
  /** Straight to one counterexample. */
  path?: string
  /** It is enough to know that there is one: the smallest takes a while. */
  isFirstEnough?: boolean
}

export interface Finding {
  numRuns: number
  /** As fast-check reports it: the seed, the plan, the interleaving. */
  counterexample?: string
  violations?: string
}

/** Tries plans and interleavings until one breaks what is promised, or there were enough. */
export async function search(what: Search): Promise<Finding> {
  const worker = new Worker(new URL('./search-program.ts', import.meta.url), { workerData: what })
  try {
    const [finding] = await once(worker, 'message')
    return finding
  } finally {
    await worker.terminate()
  }
}
