import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../..')
const manual = readFileSync(join(root, 'docs/operations.md'), 'utf8')
const source = globSync('apps/broker/src/**/*.ts', { cwd: root }).map((path) =>
  readFileSync(join(root, path), 'utf8'),
)

t.test('the manual names every audit line, and no other', (t) => {
  const calls = source.flatMap((text) => text.match(/\.audit\(/g) ?? [])
  const messages = source.flatMap((text) =>
    [...text.matchAll(/\.audit\((?:(?!\.audit\()[\s\S])*?[},]\s*'([^']+)',?\s*\)/g)].map(
      ([, message]) => message,
    ),
  )
  t.equal(messages.length, calls.length, 'each call is read')
  const [table = ''] = manual.split('`audit: true` marks')[1]?.match(/(?:^\|.*\n)+/m) ?? []
  const firstCells = table.split('\n').map((row) => row.split('|')[1] ?? '')
  const named = firstCells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, message]) => message))
  t.strictSame(named.toSorted(), [...new Set(messages)].toSorted())
  t.end()
})
