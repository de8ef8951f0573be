import { join } from 'node:path'
import { recipeSchema } from '@session-broker/shared'
import t from 'tap'
import { ConfigError } from '../../../apps/broker/src/config/config-error.ts'
import { loadConfig } from '../../../apps/broker/src/config/load-config.ts'
import { configFolder, hash, shop } from './write-config.ts'

const config = configFolder(t.testdir())
const { folder } = config
const sessions = `sessions:\n  ${shop}\n`
const key = `keys: [{ name: w, hash: "${hash('a')}", scopes: [read] }]\n`

t.test('a session alone is enough; everything else has its default', async (t) => {
  t.strictSame(await config.load(sessions), {
    file: join(folder, 'session-broker.yaml'),
    folder,
    listen: { host: '127.0.0.1', port: 8787 },
    data: join(folder, 'data'),
    recipeHooks: {},
    keys: [],
    behindTlsProxy: false,
    browser: { headless: true, allow: [], args: [] },
    loginTimeoutMs: 60_000,
    maxLogins: 1,
    budget: { loginsPerDay: 10, failedPerDay: 3, challengesPerDay: 3 },
    challengeTimeoutMs: 300_000,
    evidence: { keep: 20, maxAge: 1_209_600_000 },
    serveStaleMs: 3_600_000,
    sessions: {
      shop: {
        check: { in: 'http', every: 300_000 },
        refresh: { before: 600_000 },
        budget: {},
        recipe: { fields: {}, before: [], after: [], sessionStorage: false, keepSites: [] },
        login: {
          url: 'https://shop.test/login',
          username: 'anna',
          password: 'env:SHOP',
          acceptDeviceBound: false,
        },
        writeBack: false,
      },
    },
  })
})

t.test('everything that is given is read', async (t) => {
  config.write('tls/cert.pem', '')
  config.write('tls/key.pem', '')
  config.write('bin/chrome', '', 0o755)
  config.write(
    'recipes/shop.yaml',
    `
fields: { username: "#u", code: "#c", remember: "#r" }
before: [{ click: "#ok", optional: true }]
logout: { url: "https://shop.test/me", steps: [{ click: "#out" }] }
sessionStorage: true
keepSites: [login.test]
`,
  )
  const text = `
    listen: "[::]:443"
    data: /var/lib/broker
    redis: env:REDIS_URL
    lockRedis: [redis://a, redis-cluster://b:1, rediss://c/2]
    secretKey: file:key
    keys: [{ name: w, hash: "${hash('A')}", scopes: [read, refresh, write, operate, admin], sessions: [shop] }]
    tls: { cert: tls/cert.pem, key: tls/key.pem }
    behindTlsProxy: true
    allowedHosts: [broker.test]
    browser: { executable: bin/chrome, headless: false, allow: ["sso.internal:8443"], args: [--lang=de] }
    loginTimeout: 1.5m
    maxLogins: 4
    budget: { loginsPerDay: 20, failedPerDay: 5, challengesPerDay: 7 }
    challenges: { timeout: 10m, webhook: { url: "https://hooks.test/x", secret: env:HOOK } }
    serveStale: 2h
    evidence: { keep: 0, maxAge: 1h }
    sessions:
      shop:
        account: anna-at-shop
        proxy: env:SHOP_PROXY
        recipe: recipes/shop.yaml
        login: { url: "https://shop.test/login", username: file:u, password: 'cmd:["pass", "shop"]' }
        check: { url: "https://shop.test/me", expect: { selector: .me }, in: browser, every: never }
        refresh: { before: 30m, maxAge: 12h }
        budget: { failedPerDay: 1 }
        writeBack: true
  `
  const read = await config.load(text, { insecureNoAuth: false })
  t.strictSame(read.listen, { host: '::', port: 443 })
  t.equal(read.data, '/var/lib/broker')
  t.strictSame(read.lockRedis, ['redis://a', 'redis-cluster://b:1', 'rediss://c/2'])
  t.strictSame(read.tls, { cert: join(folder, 'tls/cert.pem'), key: join(folder, 'tls/key.pem') })
  t.strictSame(read.browser, {
    executable: join(folder, 'bin/chrome'),
    headless: false,
    allow: [{ host: 'sso.internal', port: 8443 }],
    args: ['--lang=de'],
  })
  t.equal(read.loginTimeoutMs, 90_000)
  t.equal(read.serveStaleMs, 7_200_000)
  t.same(read.evidence, { keep: 0, maxAge: 3_600_000 })
  t.strictSame(read.budget, { loginsPerDay: 20, failedPerDay: 5, challengesPerDay: 7 })
  t.equal(read.challengeTimeoutMs, 600_000)
  t.strictSame(read.webhook, { url: 'https://hooks.test/x', secret: 'env:HOOK' })
  t.equal(read.keys[0]?.hash, 'a'.repeat(64), 'a hash is the same in capitals')
  const session = read.sessions.shop
  t.equal(session?.proxy, 'env:SHOP_PROXY')
  t.strictSame(session?.recipe, {
    fields: { username: '#u', code: '#c', remember: '#r' },
    before: [{ click: '#ok', optional: true }],
    after: [],
    logout: { url: 'https://shop.test/me', steps: [{ click: '#out', optional: false }] },
    sessionStorage: true,
    keepSites: ['login.test'],
  })
  t.strictSame(session?.check.expect, { selector: '.me' })
  t.equal(session?.check.every, Number.POSITIVE_INFINITY)
  t.strictSame(session?.refresh, { before: 1_800_000, maxAge: 43_200_000 })
  t.strictSame(session?.budget, { failedPerDay: 1 })
  t.equal(session?.writeBack, true)
})

/** Takes the marks out of a text and tells where they stood. */
function unmark(marked: string): { text: string; places: string[] } {
  const [first = '', ...rest] = marked.split('▸')
  const places: string[] = []
  let text = first
  for (const part of rest) {
    const lines = text.split('\n')
    places.push(`session-broker.yaml:${lines.length}:${(lines.at(-1) ?? '').length + 1}`)
    text += part
  }
  return { text, places }
}

t.test('each mistake is told with its key, its line and its column', async (t) => {
  const broken: [marked: string, what: string][] = [
    [`${sessions}▸lisen: a:1`, 'lisen: is not known; did you mean "listen"?'],
    [`${sessions}▸chalenge: {}`, 'chalenge: is not known; did you mean "challenges"?'],
    [`${sessions}budget: { loginsPerDay: ▸0 }`, 'budget.loginsPerDay: wants at least 1'],
    [`${sessions}challenges: { timeout: ▸1s }`, 'challenges.timeout: wants'],
    [
      `${sessions}challenges: { webhook: { url: "https://hooks.test", secret: ▸abc } }`,
      'challenges.webhook.secret: wants a reference, not the secret itself',
    ],
    [
      'sessions: { a: { ▸login: { url: "https://x", username: a } } }',
      'sessions.a.login.password: wants a password beside the username',
    ],
    [
      'sessions: { a: { login: { url: "https://x", username: a, password: env:P, totp: env:T, code: ▸"cmd:[\\"x\\"]" } } }',
      'sessions.a.login.code: and totp: leave one of the two out',
    ],
    [
      'sessions: { a: { login: { url: "https://x", username: a, password: env:P, code: ▸env:CODE } } }',
      'sessions.a.login.code: cmd: wants a JSON list of a program',
    ],
    [`${sessions}evidence: { keep: ▸-1 }`, 'evidence.keep: wants at least 0'],
    [`${sessions}serveStale: ▸1`, 'serveStale: wants a duration with its unit, such as 60s or 5m'],
    [`${sessions}listen: ▸8787`, 'listen: wants host:port, such as 127.0.0.1:8787'],
    [`${sessions}listen: ▸"127.0.0.1:99999"`, 'listen: wants host:port'],
    [`${sessions}data: ▸""`, 'data: is empty'],
    [`${sessions}redis: ▸http://x\nsecretKey: env:K`, 'redis: wants a Redis URL'],
    [`${sessions}redis: ▸redis://:p@x\nsecretKey: env:K`, 'redis: wants no password here'],
    [
      `${sessions}redis: ▸redis-sentinel://x,y\nsecretKey: env:K`,
      'redis: wants the name that the sentinels know',
    ],
    [
      `${sessions}redis: ▸redis://x`,
      'redis: wants a secretKey beside it, the same for all brokers: 64 hex digits, as "openssl rand -hex 32"',
    ],
    [`${sessions}▸lockRedis: [redis://x]`, 'lockRedis: wants redis beside it'],
    [
      `${sessions}secretKey: env:K\nredis: redis://x\n▸lockRedis: [redis://x, redis://y]`,
      'lockRedis: wants one server or an odd number of them',
    ],
    [
      `${sessions}secretKey: env:K\nredis: redis://x\nlockRedis: [redis://x, redis://y, ▸redis://x]`,
      'lockRedis[2]: the same server a second time',
    ],
    [`${sessions}secretKey: ▸${'ab'.repeat(32)}`, 'secretKey: wants a reference, not the secret itself'],
    [`${sessions}▸tls: { cert: a }`, 'tls.key: is missing'],
    [`${sessions}tls: { cert: ▸none.pem, key: none.key }`, 'tls.cert: there is no file none.pem'],
    [`${sessions}behindTlsProxy: ▸yes`, 'behindTlsProxy: wants true or false'],
    [`${sessions}allowedHosts: [▸"https://x"]`, 'allowedHosts[0]: wants a host name without scheme'],
    [
      `${sessions}browser: { executable: ▸session-broker.yaml }`,
      "browser.executable: the broker's user may not run session-broker.yaml",
    ],
    [`${sessions}browser: { args: [▸lang] }`, 'browser.args[0]: wants a switch'],
    [`${sessions}loginTimeout: ▸60`, 'loginTimeout: wants a duration with its unit, such as 60s'],
    [`${sessions}loginTimeout: ▸1s`, 'loginTimeout: wants 5s to 15m'],
    [`${sessions}maxLogins: ▸0`, 'maxLogins: wants at least 1'],
    [`${sessions}maxLogins: ▸1.5`, 'maxLogins: wants a whole number'],
    ['▸sessions: {}', 'sessions: wants at least one session'],
    ['▸sessions:', 'sessions: is empty'],
    ['▸listen: 127.0.0.1:1', 'sessions: is missing'],
    ['▸- a', 'wants a map'],
    ['▸# nothing\n', 'is empty: wants at least one session'],
    ['sessions:\n  ▸My Shop: { login: {} }', 'sessions["My Shop"]: wants 1 to 63 of a-z, 0-9, _ and -'],
    ['sessions:\n  My Shop: { login: { url: ▸shop } }', 'sessions["My Shop"].login.url: wants a URL'],
    ['sessions:\n  ▸a: {}', 'sessions.a.login: is missing'],
    ['sessions:\n  a: { login: { url: ▸shop } }', 'sessions.a.login.url: wants a URL with http://'],
    ['sessions:\n  a: { login: { url: ▸"ftp://x" } }', 'sessions.a.login.url: wants a URL with http://'],
    [
      'sessions:\n  a: { login: { url: ▸"https://me:secret@x" } }',
      'sessions.a.login.url: wants no username or password in the URL',
    ],
    [
      'sessions:\n  a: { login: { username: ▸"env:1 2" } }',
      'sessions.a.login.username: env: wants the name of an environment variable',
    ],
    [
      `sessions:\n  a: { login: { password: ▸'cmd:pass show' } }`,
      'sessions.a.login.password: cmd: wants a JSON list',
    ],
    [
      'sessions:\n  a: { login: { ▸otp: env:T } }',
      'sessions.a.login.otp: is not known; did you mean "totp"?',
    ],
    [
      'sessions:\n  a: { check: { every: ▸5 } }',
      'sessions.a.check.every: wants a duration with its unit, such as 60s or 5m, or never',
    ],
    [
      'sessions:\n  a: { check: { url: "https://x", ▸expect: {} } }',
      'sessions.a.check.expect: wants at least one expectation',
    ],
    [
      'sessions:\n  a: { check: { url: "https://x", expect: { selector: ▸a } } }',
      'sessions.a.check.expect.selector: expect.selector needs in: browser',
    ],
    ['sessions:\n  a: { check: { url: ▸"https://x" } }', 'sessions.a.check.url: url and expect go together'],
    [
      'sessions:\n  a: { check: { in: ▸browser } }',
      'sessions.a.check.in: in: browser goes with url and expect',
    ],
    [
      'sessions:\n  a: { check: { in: ▸browsr } }',
      'sessions.a.check.in: wants one of http, browser; did you mean "browser"?',
    ],
    [
      'sessions:\n  a: { recipe: { before: [▸{ clik: x }] } }',
      'sessions.a.recipe.before[0]: wants one of click, fill, select, press, waitFor, goto; did you mean "click"?',
    ],
    [
      'sessions:\n  a: { recipe: { after: [▸{ fill: "#x" }] } }',
      'sessions.a.recipe.after[0].with: is missing',
    ],
    [
      'sessions:\n  a: { recipe: { after: [{ fill: "#x", with: y, ▸optionl: true }] } }',
      'sessions.a.recipe.after[0].optionl: is not known; did you mean "optional"?',
    ],
    [
      'sessions:\n  a: { recipe: { logout: { ▸steps: [] } } }',
      'sessions.a.recipe.logout.steps: wants at least one',
    ],
    [
      'sessions:\n  a: { recipe: { keepSites: [▸"https://id.test/"] } }',
      'sessions.a.recipe.keepSites[0]: wants a host name without scheme, port or path',
    ],
    [
      'sessions:\n  a: { recipe: ▸amazon.yaml }',
      "sessions.a.recipe: the recipe's file amazon.yaml does not exist",
    ],
  ]
  for (const [marked, what] of broken) {
    const { text, places } = unmark(marked)
    t.match(await config.refusal(text), `  ${places[0]}  ${what}`, what)
  }
})

t.test('keys are held against each other and against the sessions', async (t) => {
  const { text, places } = unmark(`${sessions}keys:
  - { name: a, hash: "${hash('a')}", scopes: [read], sessions: [shop, ▸other] }
  - { name: ▸a, hash: ▸"${hash('A')}", ▸scopes: [] }
  - { name: ▸"b c", hash: ▸sb_abc, scopes: [▸raed] }
`)
  const message = await config.refusal(text, { insecureNoAuth: false })
  const expected = [
    'keys[0].sessions[1]: there is no session of this name; configured: shop',
    'keys[1].name: another key has this name already',
    'keys[1].hash: another key has this hash already: each wants a key of its own',
    'keys[1].scopes: wants at least one',
    'keys[2].name: wants 1 to 63 letters, digits, ".", "_" and "-"',
    'keys[2].hash: wants sha256: and 64 hex digits: the hash of the key, never the key itself; "keys create" prints it',
    'keys[2].scopes[0]: wants one of read, refresh, write, operate, admin; did you mean "read"?',
  ]
  t.equal(
    message,
    [
      'session-broker.yaml has 7 mistakes:',
      ...expected.map((what, index) => `  ${places[index]}  ${what}`),
    ].join('\n'),
  )
})

t.test('what never listens needs no keys', async (t) => {
  config.write('session-broker.yaml', sessions)
  const options = { file: 'session-broker.yaml', cwd: folder }
  await t.rejects(loadConfig(options), ConfigError)
  t.match(await loadConfig({ ...options, serves: false }), { keys: [] })
})

t.test('without keys the broker starts on loopback and by the flag alone', async (t) => {
  const beyond = `${sessions}listen: 0.0.0.0:80\nbehindTlsProxy: true\n`
  const withFlag = { insecureNoAuth: true }
  const without = { insecureNoAuth: false }
  t.match(
    await config.refusal(sessions, without),
    /keys: wants at least one key; make one with: .*keys create/,
  )
  t.match(await config.refusal(`${sessions}keys: []`, without), 'keys: wants at least one key')
  t.match(await config.refusal(beyond, without), 'keys: wants at least one key')
  t.match(await config.refusal(beyond, withFlag), '3:9  listen: --insecure-no-auth works on loopback only')
  t.match(await config.refusal(sessions + key, withFlag), 'keys: --insecure-no-auth would leave them aside')
  t.ok(await config.load(sessions + key, without))
  for (const here of ['localhost:1', '127.9.9.9:1', '"[::1]:1"']) {
    t.ok(await config.load(`${sessions}listen: ${here}`, withFlag), here)
  }
})

t.test('beyond loopback it wants TLS, its own or that of a proxy', async (t) => {
  const withKeys = { insecureNoAuth: false }
  for (const there of ['0.0.0.0:80', '"[::]:80"', '10.0.0.1:80', 'broker.test:80', 'localhost.test:80']) {
    const text = `${sessions}${key}listen: ${there}\n`
    t.match(await config.refusal(text, withKeys), '4:9  listen: beyond loopback', there)
    t.match(await config.refusal(`${text}behindTlsProxy: false`, withKeys), 'listen: beyond loopback')
    t.ok(await config.load(`${text}behindTlsProxy: true`, withKeys))
  }
})

t.test('text that is no YAML is told with its place', async (t) => {
  const broken: [string, string][] = [
    ['sessions: {', '1:12  the indentation does not fit the lines before: is a bracket not closed?'],
    ['a: "b\n', '2:1  a character is missing'],
    ['a: b: c', '1:4  a map or list cannot begin here'],
    ['\ta: 1', '1:1  a tab indents here'],
    [`${sessions}data: a\ndata: b`, '4:1  this key stands here a second time'],
    [`${sessions}data: !path x`, '3:7  a tag (!name) is not known'],
    [`${sessions}data: *where`, '3:7  an alias (*name) has no anchor'],
    [`${sessions}---\na: 1`, '3:1  a second document (---) begins here'],
  ]
  for (const [text, expected] of broken) t.match(await config.refusal(text), expected, text)
})

t.test('mistakes in a file of a recipe are told with that file, together with all others', async (t) => {
  config.write('r.yaml', '# ours\nfields:\n  usrname: "#u"\nbefore:\n  - click: 3\n')
  config.write('bad.yaml', 'fields: [\n')
  const message = await config.refusal(
    'sessions:\n  a: { recipe: r.yaml }\n  b: { recipe: bad.yaml }\nmaxLogins: x\n',
  )
  t.equal(
    message,
    `session-broker.yaml has 6 mistakes:
  session-broker.yaml:2:3  sessions.a.login: is missing
  session-broker.yaml:3:3  sessions.b.login: is missing
  session-broker.yaml:4:12  maxLogins: wants a number
  bad.yaml:2:1  the indentation does not fit the lines before: is a bracket not closed?
  r.yaml:3:3  sessions.a.recipe.fields.usrname: is not known; did you mean "username"?
  r.yaml:5:12  sessions.a.recipe.before[0].click: wants a text`,
  )
})

t.test('an empty file is a recipe that names nothing', async (t) => {
  config.write('none.yaml', '# to come\n')
  const { sessions } = await config.load(
    'sessions: { a: { recipe: none.yaml, login: { url: "https://x", username: a, password: env:P } } }',
  )
  t.strictSame(sessions.a?.recipe, recipeSchema.parse({}))
})

t.test('a file that is not there is told by its name', async (t) => {
  const loading = loadConfig({ file: 'nowhere/x.yaml', cwd: folder })
  await t.rejects(loading, ConfigError)
  await t.rejects(loading, /^nowhere\/x\.yaml has one mistake:\n.*there is no such file/)
  await t.rejects(loadConfig({ file: '.', cwd: folder }), /cannot be read \(EISDIR\)/)
})

t.test('a secret in the wrong place is never repeated', async (t) => {
  const canary = 'cAn4ry'
  const login = (rest: string) => `sessions:\n  a:\n    login: ${rest}\n`
  const texts = [
    login(`{ url: "https://x", username: u, password: ${canary} }`),
    login(`{ url: "https://x", username: u, password: pass,${canary} }`),
    login(`{ url: "https://x", username: u, password:${canary} }`),
    login(`{ url: "https://u:${canary}@x", username: u, password: "env:a ${canary}" }`),
    login(`{ url: "https://x", username: "file:", password: "cmd:${canary}" }`),
    login(`{ password: "cmd:[${canary}]" }`),
    login(`{ password: *${canary} }`),
    login(`{ password: !${canary} }`),
    login(`{ password: &${canary} }`),
    login(`{ password: @${canary} }`),
    login(`{ password: %${canary} }`),
    login(`{ password: "${canary} }`),
    login(`{ password: "\\q${canary}" }`),
    login(`{ password: [${canary}] }`),
    login(`{ password: { ${canary}: 1 } }`),
    login(`{ password: |${canary} }`),
    `${login('')}      password: |${canary}\n        x\n`,
    `${login('')}      password:${canary}\n`,
    `${login('')}      password: a: ${canary}\n`,
    `%${canary}\n---\na: 1\n`,
    `${sessions}redis: redis://:${canary}@x\nsecretKey: ${canary}\n`,
    `${sessions}redis: redis-sentinel://a/b?sentinelPassword=${canary}\nsecretKey: ${canary}\n`,
    `${sessions}redis: redis-cluster://:${canary}@a,${canary},\nsecretKey: ${canary}\n`,
    `${sessions}redis: ${canary}\nlockRedis: [${canary}, ${canary}]\n`,
    `${sessions}keys: [{ name: a, hash: ${canary}, scopes: [${canary}], sessions: ["${canary}"] }]`,
    `${sessions}listen: ${canary}\nloginTimeout: ${canary}\nbehindTlsProxy: ${canary}\n`,
  ]
  for (const text of texts) t.notMatch(await config.refusal(text), canary, text)
})
