import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { errorCodes } from '@session-broker/shared'
import t, { type Test } from 'tap'
import { checkCommands } from '../../scripts/check/commands.ts'
import { checkErrorPage } from '../../scripts/check/error-page.ts'
import { checkLinks } from '../../scripts/check/links.ts'
import { checkSnippets } from '../../scripts/check/snippets.ts'

function project(t: Test, files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'session-broker-test-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  execFileSync('git', ['init', '--quiet'], { cwd: root })
  for (const [path, text] of Object.entries({
    'package.json': '{"scripts":{"demo":"","test":""}}',
    ...files,
  })) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

const errorRows = Object.entries(errorCodes).map(([code, { status }]) => `| \`${code}\` | ${status} | … |`)

t.test('a link has to lead to a file and a heading that are there', async (t) => {
  const root = project(t, {
    'README.md':
      '[a](docs/a.md#the-way-in) [b](docs/b.md) [c](#gone) [d](https://example.com) `[e](nowhere)`\n# Here',
    'docs/a.md': '## The way in\n[home](../README.md#here) ![flow](flow.svg)',
  })
  t.same(await checkLinks(root), [
    'README.md: the link docs/b.md leads nowhere',
    'README.md: the link #gone leads nowhere',
    'docs/a.md: the link flow.svg leads nowhere',
  ])
})

t.test('the page of errors has exactly the codes, with their status', async (t) => {
  t.same(await checkErrorPage(project(t, { 'docs/errors.md': errorRows.join('\n') })), [])
  const [first, ...others] = errorRows
  const drifted = [...others, '| `made_up` | 500 | … |', first?.replace(/\d{3}/, '599')].join('\n')
  t.match(await checkErrorPage(project(t, { 'docs/errors.md': drifted })), [
    /made_up.*no code/,
    /another status/,
  ])
  t.match(await checkErrorPage(project(t, { 'docs/errors.md': others.join('\n') })), [/has no row for/])
  t.equal((await checkErrorPage(project(t, {}))).length, errorRows.length)
})

t.test('a command of a page that is followed is run by CI or by a test', async (t) => {
  const root = project(t, {
    'README.md': [
      'Say `npm run nonsense`.',
      '```sh',
      'git clone https://example.com/x && cd x',
      'npm run demo            # the whole idea',
      'npm test',
      'curl \\',
      '  localhost/tried',
      'curl localhost/untried',
      '```',
    ].join('\n'),
    'docs/setups/one.md': '```sh\ncurl localhost/unfollowed\n```',
    'docs/other.md': '```sh\ncurl localhost/shown\n```',
    '.ci/run': 'npm test\nnpm run demo -- --once\n',
    'test/docs/readme.test.ts': "run('curl localhost/tried')",
  })
  t.same(await checkCommands(root), [
    'README.md: package.json has no script "nonsense"',
    'README.md: neither .ci/run nor a test in test/ holds the command: curl localhost/untried',
    'docs/setups/one.md: neither .ci/run nor a test in test/ holds the command: curl localhost/unfollowed',
  ])
})

t.test('a block that names its file is that file', async (t) => {
  const page = (file: string, code: string) => `<!-- ${file} -->\n\`\`\`ts\n${code}\`\`\`\n`
  const root = project(t, {
    'examples/a.ts': 'one()\n',
    'examples/b.ts': 'two()\n',
    'examples/c.ts': 'three()\n',
    'docs/a.md':
      page('examples/a.ts', 'one()\n') + page('examples/b.ts', 'too()\n') + page('examples/d.ts', ''),
    'docs/b.md': '<!-- examples/a.ts -->\nand nothing',
  })
  t.same(await checkSnippets(root, ['examples/a.ts', 'examples/c.ts']), [
    'docs/b.md: below <!-- examples/a.ts --> stands no block of code',
    'docs/a.md: the block is another than examples/b.ts; copy the file into it',
    'docs/a.md: there is no examples/d.ts, whose text it shows',
    'examples/c.ts: no page shows this example; show it in docs/clients.md',
  ])
})
