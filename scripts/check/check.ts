// What CI runs as `npm run check`. With names as arguments, only those: `npm run check -- types imports`; `coverage`
// judges the last `npm test`, and runs only when it is named.
import { fileURLToPath } from 'node:url'
import { checkCommands } from './commands.ts'
import { checkCoverage } from './coverage.ts'
import { checkErrorPage } from './error-page.ts'
import { checkImports } from './imports.ts'
import { checkLinks } from './links.ts'
import { listFiles } from './list-files.ts'
import { checkLockFile } from './lock-file.ts'
import { runTool } from './run-tool.ts'
import { checkSnippets } from './snippets.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bin = (name: string) => `node_modules/.bin/${name}`

/** Each check gives what it found wrong, a line each, with what to do; nothing when all is well. */
const checks: Record<string, () => Promise<string[]>> = {
  types: () => runTool(root, bin('tsc'), ['-b']),
  lint: () => runTool(root, bin('biome'), ['ci', '--colors=off', '--diagnostic-level=warn']),
  imports: () => checkImports(root),
  unused: () => runTool(root, bin('knip'), ['--no-progress', '--no-config-hints']),
  openapi: () =>
    runTool(root, process.execPath, [...process.execArgv, 'apps/broker/src/main.ts', 'openapi', '--check']),
  links: () => checkLinks(root),
  errors: () => checkErrorPage(root),
  commands: () => checkCommands(root),
  snippets: async () =>
    checkSnippets(root, await listFiles(root, 'examples/*.ts', 'examples/*.sh', ':!*.config.ts')),
  lockfile: () => checkLockFile(root),
  coverage: () => checkCoverage(root),
}
const onlyWhenNamed = ['coverage']

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in checks))
if (unknown.length > 0) {
  console.error(`No such check: ${unknown.join(', ')}. There are: ${Object.keys(checks).join(', ')}`)
  process.exit(2)
}

let passed = 0
let failed = 0
for (const [name, check] of Object.entries(checks)) {
  if (wanted.length > 0 ? !wanted.includes(name) : onlyWhenNamed.includes(name)) continue
  const startedAt = performance.now()
  const wrong = await check()
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${wrong.length === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
  for (const line of wrong) console.log(`  ${line}`)
  if (wrong.length === 0) passed++
  else failed++
}
console.log(`checks: ${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
