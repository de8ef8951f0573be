import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { hashApiKey } from '../../../apps/broker/src/cli/new-api-key.ts'
import { configFolder, hash, shop } from '../config/write-config.ts'
import { runBrokerProgram } from './run-broker-program.ts'

const { folder, write, load } = configFolder(t.testdir())
const run = (args: string[], env?: Record<string, string>) =>
  runBrokerProgram(args, { cwd: folder, ...(env && { env }) })

t.test('--version and --help say what is asked for', async (t) => {
  const { version } = JSON.parse(
    readFileSync(new URL('../../../apps/broker/package.json', import.meta.url), 'utf8'),
  )
  t.match(await run(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' })
  const { code, stdout } = await run(['--help'])
  t.equal(code, 0)
  for (const word of ['serve', 'check-config', 'keys', 'openapi', 'docs/configuration.md'])
    t.match(stdout, word)
})

t.test('a command line that is not understood ends with 2 and one hint', async (t) => {
  const wrong: [args: string[], hint: string][] = [
    [['srve'], '(Did you mean serve?)'],
    [['serve', '--cnfig', 'x'], '(Did you mean --config?)'],
    [['serve', '--log-level', 'loud'], 'Allowed choices are info, warn, error, silent'],
    [['serve', 'now'], 'too many arguments'],
    [['keys', 'create', '--name', 'a'], "required option '--scopes <list>' not specified"],
    [['openapi', '--write', '--check'], 'cannot be used with'],
    [[], 'Usage: session-broker'],
    [['keys'], 'Usage: session-broker keys'],
  ]
  for (const [args, hint] of wrong) {
    const { code, stdout, stderr } = await run(args)
    t.equal(code, 2, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, hint)
    t.notMatch(stderr, /^\s+at /m, 'no stack')
  }
})

t.test('check-config says what a configuration means', async (t) => {
  write(
    'good.yaml',
    `listen: 127.0.0.1:9999
redis: redis://127.0.0.1:6379
secretKey: env:K
keys:
  - { name: w, hash: "${hash('a')}", scopes: [read, refresh], sessions: [shop] }
  - { name: ops, hash: "${hash('b')}", scopes: [operate] }
sessions:
  ${shop}
  other:
    login: { url: "https://other.test/in?secret=x", username: u, password: env:P }
    check: { url: "https://api.other.test/me", expect: { status: 200 } }
`,
  )
  const { code, stdout, stderr } = await run(['check-config', '--config', 'good.yaml'])
  t.equal(stderr, '')
  t.equal(
    stdout,
    `OK
  listens on http://127.0.0.1:9999, keeps its state in Redis
  key w: read, refresh; shop
  key ops: operate; all sessions
  session shop: signs in at https://shop.test, check derived at the first login
  session other: signs in at https://other.test, checked at https://api.other.test (http)
`,
  )
  t.equal(code, 0)
})

t.test('check-config tells all mistakes of the file in the folder where the user stands', async (t) => {
  write(
    'session-broker.yaml',
    'listen: nowhere\nsessions:\n  a: { login: { url: x, username: u, password: cAn4ry } }\n',
  )
  const { code, stdout, stderr } = await run(['check-config'])
  t.equal(code, 1)
  t.equal(stdout, '')
  t.match(stderr, 'session-broker.yaml has 4 mistakes:')
  t.match(stderr, 'session-broker.yaml:1:9  listen: wants host:port')
  t.match(stderr, 'keys: wants at least one key')
  t.match(stderr, 'sessions.a.login.password: wants a reference')
  t.notMatch(stderr, 'cAn4ry')
  t.notMatch(stderr, /^\s+at /m, 'no stack')
})

t.test('check-config tells a file that is not there', async (t) => {
  const { code, stderr } = await run(['check-config', '--config', 'none.yaml'])
  t.equal(code, 1)
  t.match(stderr, 'none.yaml:1:1  there is no such file; session-broker.example.yaml shows one')
})

t.test('check-config --resolve looks each secret up and shows none', async (t) => {
  const canary = 'cAn4ry'
  write('secret', canary, 0o644)
  write('private', canary, 0o600)
  write(
    'secrets.yaml',
    `redis: env:REDIS
secretKey: env:KEY
keys: [{ name: w, hash: "${hash('a')}", scopes: [read] }]
sessions:
  a: { login: { url: "https://x", username: file:private, password: file:secret } }
  b: { proxy: env:PROXY, login: { url: "https://x", username: anna, password: 'cmd:["cat", "secret"]' } }
`,
  )
  const check = ['check-config', '--resolve', '--config', 'secrets.yaml']
  const all = { REDIS: `redis://:${canary}@x`, KEY: 'ab'.repeat(32), PROXY: `socks5://u:${canary}@p:1` }
  const found = await run(check, all)
  t.equal(found.code, 0)
  t.match(found.stdout, '  redis: found (env:REDIS)\n')
  t.match(found.stdout, '  secretKey: found (env:KEY)\n')
  t.match(found.stdout, '  sessions.a.login.username: found (file:private)\n')
  t.match(
    found.stdout,
    '  sessions.a.login.password: found (file:secret; every user of this machine can read it)\n',
  )
  t.match(found.stdout, '  sessions.b.login.password: found (cmd:["cat", …])\n')
  t.match(found.stdout, '  sessions.b.proxy: found (env:PROXY)\n')
  const missing = await run(check, { KEY: canary, PROXY: `ftp://${canary}` })
  t.equal(missing.code, 1)
  t.equal(
    missing.stderr,
    `These references lead to no secret:
  secretKey: env:KEY does not give 64 hex digits
  redis: env:REDIS is not set in the environment of the broker
  sessions.b.proxy: env:PROXY gives no proxy: it wants the URL of a proxy: http://host:port, https://host:port or socks5://host:port
`,
  )
  t.notMatch(found.stdout + found.stderr + missing.stdout + missing.stderr, canary)
  const wrong = await run(check, { ...all, REDIS: `redis-sentinel://:${canary}@x,y` })
  t.match(
    wrong.stderr,
    '  redis: env:REDIS gives no Redis address: it wants the name that the sentinels know',
  )
  t.notMatch(wrong.stderr, canary)
})

t.test('keys create shows a key once, with the line by which the config knows it', async (t) => {
  const args = ['--name', '1e3', '--scopes', 'read, refresh', '--sessions', 'shop']
  const { code, stdout, stderr } = await run(['keys', 'create', ...args])
  t.equal(code, 0)
  t.equal(stderr, '')
  const [key = ''] = stdout.match(/^sb_[\w-]{43}$/m) ?? []
  const [line = ''] = stdout.match(/^ {2}- .*$/m) ?? []
  t.notMatch(line, key)
  t.equal(stdout.split(key).length, 2, 'the key stands there once')
  const entry = {
    name: '1e3',
    hash: `sha256:${hashApiKey(key)}`,
    scopes: ['read', 'refresh'],
    sessions: ['shop'],
  }
  t.strictSame(parse(line), [entry])
  const config = await load(`keys:\n${line}\nsessions:\n  ${shop}\n`, { insecureNoAuth: false })
  t.equal(config.keys[0]?.hash, hashApiKey(key), 'the line stands well in a config')
})

t.test('keys create refuses what a config could not hold', async (t) => {
  const create = (...args: string[]) => run(['keys', 'create', ...args])
  t.match(await create('--name', 'a b', '--scopes', 'read'), {
    code: 1,
    stdout: '',
    stderr: /^--name wants 1 to 63 letters/,
  })
  t.match(await create('--name', 'a', '--scopes', 'read,all'), {
    code: 1,
    stdout: '',
    stderr: '--scopes knows read, refresh, write, operate, admin\n',
  })
  t.match(await create('--name', 'a', '--scopes', 'read', '--sessions', 'A'), {
    code: 1,
    stdout: '',
    stderr: /^--sessions wants 1 to 63 of a-z/,
  })
})

t.test('openapi prints, writes and holds the description of the API', async (t) => {
  const printed = await run(['openapi'])
  t.equal(printed.code, 0)
  t.match(parse(printed.stdout), { paths: { '/session/cookies': {} } })
  const missing = await run(['openapi', '--check'])
  t.match(missing, { code: 1, stderr: 'openapi.yaml cannot be read: run "openapi --write"\n' })
  t.match(await run(['openapi', '--write', '--file', 'api.yaml']), { code: 0 })
  t.equal(readFileSync(join(folder, 'api.yaml'), 'utf8'), printed.stdout)
  t.match(await run(['openapi', '--check', '--file', 'api.yaml']), {
    code: 0,
    stdout: 'api.yaml is current\n',
  })
  write('api.yaml', `${printed.stdout}\n`)
  t.match(await run(['openapi', '--check', '--file', 'api.yaml']), {
    code: 1,
    stderr: /is not what the code says/,
  })
})
