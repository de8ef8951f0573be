import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool } from './run-tool.ts'

/** Percent of all code in packages/ and apps/ that the last whole test run has reached. */
const floor = { lines: 80, branches: 70 }

/** Whether the last `npm test` reached enough of the code. Tap itself knows only "all of it" or "no matter how much". */
export async function checkCoverage(root: string): Promise<string[]> {
  const tap = ['node_modules/tap/dist/esm/run.mjs', 'report', 'json-summary']
  // It calls it a failure that less than all is covered.
  const said = await runTool(root, process.execPath, tap)
  const text = await readFile(join(root, '.tap/report/coverage-summary.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return ['there is no coverage to judge: run npm test first', ...said]
  const { total } = JSON.parse(text) as { total: Record<keyof typeof floor, { pct: number }> }
  return (['lines', 'branches'] as const)
    .filter((kind) => total[kind].pct < floor[kind])
    .map(
      (kind) =>
        `${total[kind].pct} % of the ${kind} are tested, ${floor[kind]} % are wanted: test what is new`,
    )
}
