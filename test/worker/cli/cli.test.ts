import t from 'tap'
import {
  issued,
  json,
  openStream,
  problem,
  type Script,
  startScriptedBroker,
} from '../../client/scripted-broker.ts'
import { runWorkerCommand } from './run-worker-command.ts'
import { key, startWorkerProgram } from './run-worker-program.ts'

const noChrome = 'http://127.0.0.1:9'

/** As a process of its own. */
const end = (args: string[], env?: Record<string, string>) => startWorkerProgram(args, env).whole

async function broker(t: { teardown(end: () => unknown): void }, script: Script) {
  const started = await startScriptedBroker(script)
  t.teardown(started.close)
  return started
}

t.test('help suffices to begin', async (t) => {
  const { code, stdout } = await end(['--help'], {})
  t.equal(code, 0)
  for (const word of [
    'run',
    'exec',
    'status',
    'capture',
    'doctor',
    'SESSION_BROKER_KEY',
    'Exit codes',
    'Example',
  ])
    t.match(stdout, word)
  const run = await runWorkerCommand(['run', '--help'], {})
  for (const option of [
    '--broker',
    '--session',
    '--chrome',
    '--launch',
    '--user-data-dir',
    '--look-every',
    '--reload',
    '--contexts',
  ]) {
    t.match(run.stdout, option)
  }
  t.notMatch(run.stdout, '--key', 'a key in argv can be read by everybody')
})

t.test('a command loads what it needs, and none a browser driver or a second HTTP client', async (t) => {
  const preload = `--import ${new URL('tell-loaded.mjs', import.meta.url)}`
  const watched = ['pino', 'close-with-grace', 'ws', 'zod', 'undici', 'playwright', 'chrome-launcher']
  const heavy = async (args: string[]) => {
    const { stderr } = await end(args, { NODE_OPTIONS: preload, SESSION_BROKER_KEY: key })
    const loaded = stderr.match(/(?<=^loaded ).*$/m)?.[0].split(' ') ?? []
    t.ok(loaded.includes('commander'), 'they are told')
    return loaded.filter((name) => watched.includes(name)).sort()
  }
  t.same(await heavy(['--help']), [])
  t.same(await heavy(['status', '--broker', 'http://127.0.0.1:9']), ['zod'])
  t.same(await heavy(['capture', '--broker', 'http://127.0.0.1:9', '--session', 'amazon']), ['ws', 'zod'])
  const { url } = await broker(t, (response) => problem(response, 'key_unknown', 'this key is not known'))
  const run = ['run', '--broker', url, '--session', 'amazon', '--chrome', noChrome]
  t.same(await heavy(run), ['close-with-grace', 'pino', 'ws', 'zod'])
})

t.test('a command line that is not understood ends with 2 and says what is wrong', async (t) => {
  const mistakes: [string[], string][] = [
    [['run', '--session', 'amazon'], "required option '--broker <url>'"],
    [['run', '--broker', 'http://127.0.0.1:1'], "required option '--session <name>'"],
    [
      ['run', '--broker', 'http://127.0.0.1:1', '--session', 'amazon', '--key', 'sb_x'],
      "unknown option '--key'",
    ],
    [
      ['run', '--broker', 'http://127.0.0.1:1', '--session', 'amazon', '--contexts', 'some'],
      'Allowed choices are default, all',
    ],
    [['fly'], "unknown command 'fly'"],
  ]
  for (const [args, message] of mistakes) {
    const { code, stderr } = await runWorkerCommand(args)
    t.equal(code, 2, args.join(' '))
    t.match(stderr, message)
  }
})

t.test('what has to be put right ends with 1 and one sentence', async (t) => {
  const run = (...more: string[]) => ['run', '--session', 'amazon', '--broker', 'http://127.0.0.1:1', ...more]
  const mistakes: [string, string[], RegExp, Record<string, string>?][] = [
    ['no key', run(), /^The key is missing: .*SESSION_BROKER_KEY/, {}],
    ['an empty key', run(), /^The key is missing/, { SESSION_BROKER_KEY: ' ' }],
    ['plain http beyond loopback', run('--broker', 'http://broker.example'), /--insecure-http/],
    ['no address of a broker', run('--broker', 'broker:8787'), /^--broker wants an address/],
    ['a key in the address', run('--broker', `https://${key}@broker.example`), /^--broker wants an address/],
    ['a session name', run('--session', 'Amazon!'), /^--session wants/],
    ['an address of Chrome', run('--chrome', '9222'), /^--chrome wants the address/],
    ['a duration', run('--look-every', 'often'), /^--look-every wants a duration/],
    ['an id', run('--id', 'a/b'), /^--id wants/],
    ['a port', run('--launch', '--port', '70000'), /^--port wants/],
    ['launch and chrome', run('--launch', '--chrome', noChrome), /give one of them/],
    ['headless without launch', run('--headless'), /go with --launch/],
    ['a pipe without launch', run('--pipe'), /go with --launch$/m],
    [
      'a pipe and a port',
      run('--launch', '--pipe', '--port', '9222'),
      /^--pipe starts a Chrome without a port/,
    ],
    [
      'a pipe and a port of Chrome’s',
      run('--launch', '--pipe', '--chrome-flag=--remote-debugging-port=9222'),
      /^--pipe starts a Chrome without/,
    ],
    [
      'no address to listen at',
      run('--listen', '9464'),
      /^--listen wants host:port, such as 127\.0\.0\.1:9464$/m,
    ],
    ['a port to listen at', run('--listen', '127.0.0.1:70000'), /^--listen wants host:port/],
  ]
  for (const [what, args, message, env] of mistakes) {
    const { code, stderr } = await runWorkerCommand(args, env)
    t.equal(code, 1, what)
    t.match(stderr, message, what)
    t.equal(stderr.trim().split('\n').length, 1, `${what}: one line`)
    t.notMatch(stderr, key)
  }
})

t.test('a key that the broker does not know ends the worker, in one sentence', async (t) => {
  const { url } = await broker(t, (response) => problem(response, 'key_unknown', 'this key is not known'))
  const { code, stderr } = await end(['run', '--broker', url, '--session', 'amazon', '--chrome', noChrome])
  t.equal(code, 1)
  t.match(
    stderr.trim().split('\n').at(-1),
    'The broker says key_unknown: this key is not known (SESSION_BROKER_KEY)',
  )
  t.notMatch(stderr, key)
  t.notMatch(stderr, /^ +at /m, 'no stack')
})

t.test('a session that does not exist ends the worker, where it is the only one', async (t) => {
  const { url } = await broker(t, (response) =>
    problem(response, 'session_unknown', 'there is no session amazn'),
  )
  const { code, stderr } = await end(['run', '--broker', url, '--session', 'amazn', '--chrome', noChrome])
  t.equal(code, 1)
  t.match(stderr, 'The broker says session_unknown: there is no session amazn')
})

t.test('a Chrome that is not there is waited for, and how to start one is said once', async (t) => {
  const { url } = await broker(t, (response, seen) => {
    if (seen.url.startsWith('/session/events')) return openStream(response).heartbeat()
    return json(response, 200, issued(1), { etag: '"1"' })
  })
  const worker = startWorkerProgram(['run', '--broker', url, '--session', 'amazon', '--chrome', noChrome])
  const line = await worker.line('chrome not there')
  t.match(line, { chrome: noChrome, error: { message: /--remote-debugging-port=9 / } })
  await worker.line('following events')
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  t.equal(worker.said('chrome not there').length, 1)
  t.equal(await worker.stop('SIGINT'), 0)
  t.notMatch(worker.stderr(), key)
  t.equal(worker.stdout(), '', 'stdout is left to programs')
})

t.test('a broker that is away is waited for', async (t) => {
  const worker = startWorkerProgram([
    'run',
    '--broker',
    'http://127.0.0.1:9',
    '--session',
    'amazon',
    '--chrome',
    noChrome,
  ])
  t.match(await worker.line('broker away'), { broker: 'http://127.0.0.1:9', reason: /nothing listens there/ })
  t.equal(await worker.stop(), 0)
})

t.test('status tells what the broker knows of sessions and workers', async (t) => {
  const summary = {
    session: 'amazon',
    status: 'live',
    generation: 7,
    revision: 2,
    obtainedAt: '2026-01-01T00:00:00Z',
    ageSeconds: 5,
    expiry: null,
    check: null,
    lastCheck: null,
    checksPaused: null,
    budget: { loginsLeft: 10, failedLeft: 3, challengesLeft: 3 },
    loginOrigin: 'https://shop.example',
    sites: ['shop.example'],
    staleSeconds: null,
    login: { phase: 'backing_off', class: 'captcha' },
  }
  const report = {
    id: 'server-1',
    session: 'amazon',
    generation: 7,
    revision: 2,
    outcome: 'applied',
    seen: 'signed_in',
    chrome: 'Chrome/156',
    reportedAt: '2026-01-01T00:01:00Z',
    appliedAt: '2026-01-01T00:00:59Z',
    commitToAppliedMs: 84,
  }
  const { url } = await broker(t, (response, seen) => {
    if (seen.url === '/workers')
      return json(response, 200, { workers: [report, { ...report, session: 'other' }] })
    if (seen.url === '/session?session=amazon') return json(response, 200, summary)
    return json(response, 200, { sessions: [summary, { ...summary, session: 'other', status: 'dead' }] })
  })
  const one = await runWorkerCommand(['status', '--broker', url, '--session', 'amazon'])
  t.equal(one.code, 0)
  t.equal(
    one.stdout,
    'amazon: live, generation 7.2, since 2026-01-01T00:00:00Z, login backing_off, last failure captcha\n' +
      '  server-1: applied, generation 7.2, signed_in, Chrome/156, 2026-01-01T00:01:00Z, ' +
      'in Chrome since 2026-01-01T00:00:59Z, 84 ms after it was published\n',
  )
  const all = await runWorkerCommand(['status', '--broker', url])
  t.match(all.stdout, /^amazon: live.*^other: dead/ms)
  const away = await runWorkerCommand(['status', '--broker', 'http://127.0.0.1:9'])
  t.equal(away.code, 1)
  t.equal(away.stderr, 'the broker at http://127.0.0.1:9 cannot be reached: nothing listens there\n')
})

t.test('status asks a worker on this machine, too, and is told to machines as well', async (t) => {
  const { url } = await broker(t, (response) => problem(response, 'session_absent'))
  const to = ['--broker', url, '--session', 'amazon', '--chrome', noChrome]
  const worker = startWorkerProgram(['run', ...to, '--id', 'server-1', '--listen', '127.0.0.1:0'])
  const { address } = await worker.line('listening')
  const told = await runWorkerCommand(['status', '--worker', String(address)], {})
  t.equal(told.code, 0)
  t.match(told.stdout, /^amazon in server-1: waiting, no Chrome, since 20\d\d-/)
  const json = JSON.parse(
    (await runWorkerCommand(['status', '--worker', String(address), '--json'], {})).stdout,
  )
  t.match(json, { ready: false, sessions: [{ session: 'amazon', worker: 'server-1', outcome: 'waiting' }] })
  t.equal(
    (await runWorkerCommand(['status', '--worker', String(address), '--session', 'bank'], {})).stdout,
    '',
  )
  t.equal(await worker.stop(), 0)
  for (const [args, says] of [
    [['--worker', noChrome], /^No worker answers at http:\/\/127\.0\.0\.1:9: nothing listens there/],
    [['--worker', url], /is no worker of this machine$/],
    [['--worker', '9464'], /^--worker wants the address of its --listen/],
    [[], /^Say whom to ask: --broker or --worker/],
    [['--worker', url, '--broker', url], /^Say whom to ask/],
  ] as const) {
    const { code, stderr } = await runWorkerCommand(['status', ...args])
    t.match([code, stderr.trim()], [1, says])
  }
})

t.test('each command tells its options and an example', async (t) => {
  for (const command of ['run', 'exec', 'status', 'capture', 'doctor']) {
    const { code, stdout } = await runWorkerCommand([command, '--help'], {})
    t.equal(code, 0)
    t.match(stdout, new RegExp(`session-worker ${command} --`), command)
    for (const line of stdout.split('\n')) t.ok(line.length <= 130, line)
  }
  const { stdout } = await runWorkerCommand(['exec', '--help'], {})
  for (const word of ['CHROME_CDP_URL', '--wait', '--env', '75', '127', '-- node orders.js'])
    t.match(stdout, word)
})

t.test('capture says what is missing before it touches anything', async (t) => {
  const to = ['capture', '--broker', 'http://127.0.0.1:9', '--session', 'amazon']
  for (const [args, says] of [
    [['--page', 'shop.example'], /^--page wants an address like/],
    [['--chrome', '9222'], /^--chrome wants the address/],
  ] as const) {
    const { code, stderr } = await runWorkerCommand([...to, ...args])
    t.match([code, stderr], [1, says])
  }
  t.match(await runWorkerCommand(['capture', '--broker', 'http://127.0.0.1:9']), {
    code: 2,
    stderr: /--session/,
  })
  t.match(await runWorkerCommand(to, {}), { code: 1, stderr: /SESSION_BROKER_KEY/ })
})

t.test('capture tells a key without the scope, and a Chrome that is not there', async (t) => {
  const summary = {
    session: 'amazon',
    status: 'absent',
    generation: 0,
    revision: 0,
    loginOrigin: 'https://shop.example',
    sites: ['shop.example'],
  }
  const rest = {
    obtainedAt: null,
    ageSeconds: null,
    expiry: null,
    check: null,
    lastCheck: null,
    checksPaused: null,
  }
  const last = {
    budget: { loginsLeft: 10, failedLeft: 3, challengesLeft: 3 },
    staleSeconds: null,
    login: { phase: 'idle' },
  }
  const started = await broker(t, (response) => json(response, 200, { ...summary, ...rest, ...last }))
  const to = ['capture', '--broker', started.url, '--session', 'amazon', '--chrome', noChrome]
  t.match(await runWorkerCommand(to), {
    code: 1,
    stderr: /^No Chrome answers at http:\/\/127\.0\.0\.1:9: start one with/,
  })
  started.answer((response) => problem(response, 'scope_missing', 'the key server1 lacks the scope read'))
  const { code, stderr, stdout } = await runWorkerCommand(to)
  t.equal(code, 1)
  t.equal(stderr, 'The broker says scope_missing: the key server1 lacks the scope read\n')
  t.equal(stdout, '')
})
