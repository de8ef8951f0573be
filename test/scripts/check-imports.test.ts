import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { checkImports } from '../../scripts/check/imports.ts'

/** A project with these files, and with packages that resolve as they do in a workspace. */
function project(t: Test, files: Record<string, string>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'session-broker-test-')))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  for (const name of ['shared', 'chrome', 'client', 'program']) {
    const exports = { '.': { '@session-broker/source': './src/index.ts', default: './dist/index.js' } }
    write(`packages/${name}/package.json`, JSON.stringify({ name: `@session-broker/${name}`, exports }))
    write(`packages/${name}/src/index.ts`, 'export const x = 1')
    mkdirSync(join(root, 'node_modules/@session-broker'), { recursive: true })
    symlinkSync(join(root, 'packages', name), join(root, 'node_modules/@session-broker', name))
  }
  for (const name of ['ioredis', 'zod', 'pino']) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }))
    write(`node_modules/${name}/index.js`, 'export default 1')
  }
  for (const [path, text] of Object.entries(files)) write(path, text)
  return root
}

t.test('imports along the arrows are fine', async (t) => {
  const root = project(t, {
    'apps/broker/src/main.ts': "import './app.ts'\nimport '@session-broker/program'",
    'apps/broker/src/app.ts': "import './session/refresh.ts'\nimport './backend/redis/store.ts'",
    'apps/broker/src/session/refresh.ts':
      "import '@session-broker/shared'\nimport type { S } from './store.ts'",
    'apps/broker/src/session/store.ts': 'export type S = 1',
    'apps/broker/src/backend/redis/store.ts':
      "import 'ioredis'\nimport 'zod'\nimport '../../session/store.ts'",
    'apps/broker/src/http/server.ts': "import 'zod'\nimport 'node:http'",
    'packages/client/src/client.ts': "import '@session-broker/shared'",
    'packages/program/src/log.ts': "import 'pino'",
  })
  t.same(await checkImports(root), [])
})

const wrongs: [sentence: string, files: Record<string, string>, told: RegExp][] = [
  [
    'files may not import each other in a circle',
    { 'packages/shared/src/a.ts': "import './b.ts'", 'packages/shared/src/b.ts': "import './a.ts'" },
    /a\.ts → packages\/shared\/src\/b\.ts → .*third file/,
  ],
  [
    'a circle of types is a circle',
    {
      'packages/shared/src/a.ts': "import type { B } from './b.ts'\nexport type A = B",
      'packages/shared/src/b.ts': "export type B = import('./a.ts').A",
    },
    /third file/,
  ],
  [
    'a circle through a package is a circle',
    {
      'packages/shared/src/index.ts': "export * from './a.ts'",
      'packages/shared/src/a.ts': "import '@session-broker/shared'",
    },
    /third file/,
  ],
  [
    'the domain may not import a vendor, its types neither',
    { 'apps/broker/src/session/a.ts': "import type { Redis } from 'ioredis'\nexport type A = Redis" },
    /name what you need as a port/,
  ],
  [
    'the domain may not do I/O',
    { 'apps/broker/src/session/a.ts': "import { readFile } from 'node:fs/promises'\nexport { readFile }" },
    /through a port in session/,
  ],
  [
    'the domain may not import an adapter',
    { 'apps/broker/src/session/a.ts': "import '../seal/b.ts'", 'apps/broker/src/seal/b.ts': '' },
    /pass the adapter in from app\//,
  ],
  [
    'the domain may not import another package than shared',
    { 'apps/broker/src/session/a.ts': "import '@session-broker/chrome'" },
    /session\/ imports packages\/shared and itself/,
  ],
  [
    'adapters may not import each other',
    { 'apps/broker/src/http/a.ts': "import '../backend/b.ts'", 'apps/broker/src/backend/b.ts': '' },
    /take the other one as an argument/,
  ],
  [
    'nobody may import the program',
    { 'apps/broker/src/http/a.ts': "import '../main.ts'", 'apps/broker/src/main.ts': '' },
    /are the top/,
  ],
  [
    'apps may not import each other',
    { 'apps/worker/src/a.ts': "import '../../broker/src/b.ts'", 'apps/broker/src/b.ts': '' },
    /put what both need into a package/,
  ],
  [
    'a package may not import an app',
    { 'packages/client/src/a.ts': "import '../../../apps/broker/src/b.ts'", 'apps/broker/src/b.ts': '' },
    /over HTTP/,
  ],
  [
    'the package of programs may not import another part of the project',
    { 'packages/program/src/a.ts': "import '@session-broker/shared'" },
    /import no other part of the project/,
  ],
  [
    'an adapter may not know the process around it',
    { 'apps/broker/src/http/a.ts': "import '@session-broker/program'" },
    /take a log or a clock as an argument/,
  ],
  [
    'an app may not have the vendors of packages/program beside it',
    { 'apps/worker/src/cli/a.ts': "import type { Logger } from 'pino'\nexport type A = Logger" },
    /packages\/program has the command line, the log/,
  ],
  [
    'nobody may import a test',
    { 'demo/a.ts': "import '../test/b.ts'", 'test/b.ts': '' },
    /what a program needs is no test/,
  ],
  [
    'a vendor may not be in two folders of an app',
    {
      'apps/broker/src/backend/a.ts': "import 'ioredis'",
      'apps/broker/src/mutex/b.ts': "import type { R } from 'ioredis'",
    },
    /^ioredis in apps\/broker is imported in backend\/ and mutex\//,
  ],
  ['what is imported has to be there', { 'demo/a.ts': "import './b.ts'" }, /no such file or package/],
]

for (const [sentence, files, told] of wrongs) {
  t.test(sentence, async (t) => {
    const wrong = await checkImports(project(t, files))
    t.ok(
      wrong.some((line) => told.test(line)),
      { wrong },
    )
  })
}
