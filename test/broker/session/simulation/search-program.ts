import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import fc from 'fast-check'
import { openEmbeddedStore } from '../../../../apps/broker/src/backend/embedded/embedded-store.ts'
import { memoryFolder } from '../memory-folder.ts'
import { plan } from './plan.ts'
import { runPlan } from './run-plan.ts'
import { type Sabotage, sabotages } from './sabotage.ts'
import type { Finding, Search } from './search.ts'

// A thread of its own: tap watches each promise that is made in its own thread, which takes longer than all of this.
const { sabotage, numRuns, withinMs, seed, path, isFirstEnough = false } = workerData as Search
const folder = mkdtempSync(join(memoryFolder, 'session-broker-test-'))
let now = () => 0
const store = openEmbeddedStore({ folder, now: () => now() })
const { store: without, job }: Sabotage = sabotages[sabotage]
const data = {
  store: { ...store, ...without?.(store) },
  followTime(nowMs: () => number) {
    now = nowMs
  },
  ...(job && { sabotageJob: job }),
}
const unhandled: unknown[] = []
process.on('unhandledRejection', (reason) => unhandled.push(reason))

const property = fc.asyncProperty(fc.scheduler(), plan, async (scheduler, each) => {
  const violations = await runPlan(scheduler, each, data)
  for (const reason of unhandled.splice(0)) violations.push(`a rejection that nobody handles: ${reason}`)
  if (violations.length > 0) throw new Error(violations.join('\n'))
})
const details = await fc.check(property, {
  ...{ numRuns, endOnFailure: isFirstEnough, includeErrorInReport: true },
  ...(seed !== undefined && { seed }),
  ...(path !== undefined && { path }),
  ...(withinMs !== undefined && { interruptAfterTimeLimit: withinMs }),
})
await store.close()
rmSync(folder, { recursive: true, force: true })
const finding: Finding = {
  numRuns: details.numRuns,
  ...(details.failed && {
    counterexample: fc.defaultReportMessage(details) ?? '',
    violations: String(details.errorInstance),
  }),
}
parentPort?.postMessage(finding)
