import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launchChrome } from '@session-broker/chrome'
import t from 'tap'
import {
  issued,
  json,
  openStream,
  problem,
  type Script,
  startScriptedBroker,
  until,
} from '../../client/scripted-broker.ts'
import { ensureInstalled } from '../../sites/ensure-installed.ts'
import { runWorkerCommand } from './run-worker-command.ts'
import { key, startWorkerProgram, workerMain } from './run-worker-program.ts'
import { cookie, startSiteAndBroker, summary } from './site-and-broker.ts'

t.setTimeout(600_000)
await ensureInstalled('curl')
const node = [process.execPath, '--conditions=@session-broker/source']
const jobFile = (name: string) => fileURLToPath(new URL(`jobs/${name}.ts`, import.meta.url))
const signalsJob = [...node, jobFile('signals-program')]
const chrome = await launchChrome({ headless: true })
t.teardown(() => chrome.close())
const { url, siteUrl, signOutEverywhere } = await startSiteAndBroker(t)
const inChrome = ['exec', '--broker', url, '--session', 'amazon', '--chrome', chrome.cdpUrl]
const noChrome = 'http://127.0.0.1:9'

function start(args: readonly string[], env?: Record<string, string>) {
  const program = startWorkerProgram(args, env)
  t.teardown(() => program.stop('SIGKILL'))
  return {
    ...program,
    says: (text: string) => until(() => program.stdout().includes(text), 60_000),
  }
}

const end = (args: readonly string[], env?: Record<string, string>) => start(args, env).whole

t.test('a job with Playwright finds the Chrome signed in, and so it stays while the job runs', async (t) => {
  const job = [...node, jobFile('look-program'), siteUrl]
  const { code, stdout, stderr } = await end([...inChrome, '--', ...job, 'Hello'])
  t.match([code, stdout], [0, 'the job saw: Hello'])
  t.equal(stderr, '', 'nothing is said where all goes well')

  const kept = start([...inChrome, '--look-every', '500ms', '--', ...signalsJob, 'until-term'])
  await kept.says('ready')
  signOutEverywhere()
  t.match(await end([...inChrome, '--look-every', '500ms', '--', ...job, 'Hello']), { code: 0 })
  t.equal(await kept.stop(), 42)
  t.match(
    await fetch(`${chrome.cdpUrl}/json/version`),
    { status: 200 },
    'an attached Chrome is left as it is',
  )
})

t.test(
  'beside another worker of the same Chrome a job is started as well, once it was seen signed in',
  async (t) => {
    const acting = start(['run', ...inChrome.slice(1), '--id', 'acting'])
    await acting.line('signed in here')
    const job = [...node, jobFile('look-program'), siteUrl, 'Hello']
    const { code, stderr } = await end([...inChrome, '--log-level', 'info', '--', ...job])
    t.equal(code, 0)
    t.match(stderr, 'standing by')
    t.notMatch(stderr, '"message":"applied"')
    t.equal(await acting.stop(), 0)
  },
)

t.test('a job in plain shell is told where Chrome is', async (t) => {
  const script = 'curl -fsS "$CHROME_CDP_URL/json/version" && echo "all: $CHROME_CDP_URLS"'
  const byName = chrome.cdpUrl.replace('127.0.0.1', 'localhost')
  const there = ['exec', '--broker', url, '--session', 'amazon', '--chrome', chrome.cdpUrl]
  const { code, stdout } = await end([...there, '--', 'sh', '-c', script])
  t.equal(code, 0)
  t.match(stdout, /"webSocketDebuggerUrl": "ws:/)
  t.match(stdout, `all: ${chrome.cdpUrl}\n`)
  const second = await end([...there, '--chrome', byName, '--', 'sh', '-c', 'echo "all: $CHROME_CDP_URLS"'])
  t.equal(second.stdout, `all: ${chrome.cdpUrl} ${byName}\n`, 'of several, all are told')
})

t.test('the job gets its own exit code through, and options of its own', async (t) => {
  for (const [job, code] of [
    [['sh', '-c', 'kill -9 $$'], 137],
    [['sh', '-c', 'echo "$@"; exit 3', 'sh', '--broker', '--help'], 3],
  ] as const) {
    const ended = await end([...inChrome, '--', ...job])
    t.equal(ended.code, code, job.join(' '))
    if (code === 3) t.equal(ended.stdout, '--broker --help\n')
  }
})

t.test('a job that cannot be started is told in one sentence, as a shell counts it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'session-broker-exec-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const plain = join(folder, 'plain.txt')
  await writeFile(plain, 'no program')
  const missing = await end([...inChrome, '--', 'no-such-command', 'x'])
  t.equal(missing.code, 127)
  t.match(missing.stderr, /^The job cannot be started: there is no command no-such-command [^\n]*\n$/)
  const refused = await end([...inChrome, '--', plain])
  t.equal(refused.code, 126)
  t.match(refused.stderr, /^The job cannot be started: [^\n]*plain\.txt may not be executed\n$/)
})

t.test('the job’s environment holds nothing that it was not given', async (t) => {
  const env = {
    SESSION_BROKER_KEY: key,
    ...{ CANARY: 'sings', WANTED: 'yes', TZ: 'Europe/Berlin', TERM: 'xterm', LC_ALL: 'C' },
    ...{ CREDENTIALS_DIRECTORY: '/run/credentials', AWS_SECRET_ACCESS_KEY: 'also' },
  }
  const show = ['--', ...node, '-p', 'JSON.stringify(process.env)']
  const { code, stdout } = await end([...inChrome, '--env', 'WANTED', ...show], env)
  t.equal(code, 0)
  const got = JSON.parse(stdout)
  t.match(got, { WANTED: 'yes', TZ: 'Europe/Berlin', TERM: 'xterm', LC_ALL: 'C', PATH: process.env.PATH })
  t.equal(got.CHROME_CDP_URL, chrome.cdpUrl)
  for (const name of ['SESSION_BROKER_KEY', 'CANARY', 'CREDENTIALS_DIRECTORY', 'AWS_SECRET_ACCESS_KEY'])
    t.notOk(name in got, name)
  t.notMatch(stdout, key)

  const own = await runWorkerCommand([...inChrome, '--env', 'SESSION_BROKER_KEY', ...show], env)
  t.match([own.code, own.stderr], [1, /^--env SESSION_BROKER_KEY: that is the worker’s own/])
  const unknown = await runWorkerCommand([...inChrome, '--env', 'WANTD', ...show], env)
  t.match([unknown.code, unknown.stderr], [1, /^--env WANTD: there is no such variable/])
})

t.test('signals are the job’s, each once, and a launched Chrome outlives it', async (t) => {
  const launched = ['exec', '--broker', url, '--session', 'amazon', '--launch', '--headless']
  const program = start([...launched, '--', ...signalsJob, 'until-term'])
  await program.says('ready')
  for (const name of ['SIGUSR2', 'SIGHUP', 'SIGINT'] as const) {
    program.child.kill(name)
    await program.says(`got ${name}`)
  }
  t.equal(await program.stop('SIGTERM'), 42, 'the job’s own code, though a signal came')
  const { counts, isThere, address } = JSON.parse(program.stdout().trim().split('\n').at(-1) ?? '')
  t.same(counts, { SIGUSR2: 1, SIGHUP: 1, SIGINT: 1, SIGTERM: 1 })
  t.ok(isThere, 'its Chrome is there while it tidies up')
  await t.rejects(fetch(`${address}/json/version`), 'and has ended after it')
})

t.test('without a terminal a signal reaches what the job has started, too', async (t) => {
  const nested = `${signalsJob.map((word) => `'${word}'`).join(' ')} until-term; exit 9`
  const program = start([...inChrome, '--', 'sh', '-c', nested])
  await program.says('ready')
  const pid = Number(/pid (\d+)/.exec(program.stdout())?.[1])
  t.equal(await program.stop('SIGTERM'), 143, 'sh dies of it')
  await program.says('"SIGTERM":1')
  await until(() => !isRunning(pid), 30_000)
  t.pass('and nobody is left behind')
})

t.test('on a terminal a Ctrl-C reaches the job once, and it can read what is typed', async (t) => {
  const command = [...node, workerMain, ...inChrome, '--', ...signalsJob]
  const typed = command.map((word) => `'${word}'`).join(' ')
  const { PATH = '', HOME = '' } = process.env
  const env = { PATH, HOME, SESSION_BROKER_KEY: key, SHELL: '/bin/sh', TERM: 'dumb' }
  const terminal = spawn('script', ['-qefc', `exec ${typed}`, '/dev/null'], { env })
  t.teardown(() => terminal.kill('SIGKILL'))
  let shown = ''
  for (const stream of [terminal.stdout, terminal.stderr]) stream.on('data', (text) => (shown += text))
  const ended = new Promise<number | null>((resolve) => terminal.once('close', resolve))
  await until(() => shown.includes('ready'), 60_000)
  terminal.stdin.write('\x03')
  await until(() => shown.includes('got SIGINT'), 30_000)
  terminal.stdin.write('\x03')
  await until(() => (shown.match(/got SIGINT/g) ?? []).length >= 2, 30_000)
  terminal.stdin.write('end\n')
  t.equal(await ended, 42)
  t.match(shown, '"SIGINT":2', 'a second one as well, and neither twice')
})

t.test('a Chrome without a port is none for a job', async (t) => {
  const piped = ['exec', '--broker', url, '--session', 'amazon', '--launch', '--pipe', '--', 'echo', 'runs']
  t.match(await runWorkerCommand(piped), { code: 1, stdout: '', stderr: /^--pipe / })
})

async function broker(t: { teardown(end: () => unknown): void }, script: Script) {
  const started = await startScriptedBroker(script)
  t.teardown(started.close)
  return started
}

t.test('what does not come within --wait ends with 75 and the reason, and nothing is started', async (t) => {
  const challenge = { id: 'c1', kind: 'code', expiresAt: '2026-01-01T00:05:00Z' }
  let login: object = { phase: 'challenged', challenge }
  const { url, answer } = await broker(t, (response, { url, method }) => {
    if (url.startsWith('/session/events')) return openStream(response).heartbeat()
    if (url.startsWith('/session/cookies')) return problem(response, 'login_captcha', 'the site asks for one')
    if (method === 'POST') return response.writeHead(204).end()
    return json(response, 200, { ...summary(siteUrl), status: 'absent', login })
  })
  const to = ['exec', '--broker', url, '--session', 'amazon', '--wait', '5s', '--log-level', 'silent']
  const job = ['--', 'echo', 'the job runs']
  const ends = async (args: string[], says: RegExp) => {
    const { code, stdout, stderr } = await end([...to, ...args, ...job])
    t.equal(code, 75)
    t.equal(stdout, '')
    t.match(stderr, says)
    t.equal(stderr.trim().split('\n').length, 1)
  }
  const there = ['--chrome', chrome.cdpUrl]
  await ends(
    there,
    /^The job was not started: amazon is not signed in .*login_captcha: .*a login waits for a person \(code\), until 2026-01-01T00:05:00Z/,
  )
  login = { phase: 'locked_out', class: 'bad_credentials' }
  await ends(there, /logins are stopped after one that failed \(bad_credentials\)/)
  answer((response, { url, method }) => {
    if (url.startsWith('/session/events')) return openStream(response).heartbeat()
    if (url.startsWith('/session/cookies')) return json(response, 200, issued(1), { etag: '"1"' })
    if (method === 'POST') return response.writeHead(204).end()
    return json(response, 200, summary(siteUrl))
  })
  await ends(['--chrome', noChrome], /No Chrome answers at http:\/\/127\.0\.0\.1:9: start one with/)
  const away = ['exec', '--broker', 'http://127.0.0.1:9', '--session', 'amazon', '--wait', '2s']
  const unreachable = await end([...away, ...there, '--log-level', 'silent', ...job])
  t.match([unreachable.code, unreachable.stderr], [75, /cannot be reached: nothing listens there/])
})

t.test('signed out and not to be mended is not signed in', async (t) => {
  const { url } = await broker(t, (response, { url, method }) => {
    if (url.startsWith('/session/events')) return openStream(response).heartbeat()
    if (url.startsWith('/session/cookies'))
      return json(response, 200, issued(99, { cookies: [cookie(99)] }), { etag: '"1"' })
    if (url.startsWith('/session/refresh')) return problem(response, 'login_bad_credentials', 'rejected')
    if (method === 'POST') return response.writeHead(204).end()
    return json(response, 200, summary(siteUrl))
  })
  const to = ['exec', '--broker', url, '--session', 'amazon', '--chrome', chrome.cdpUrl, '--wait', '10s']
  const { code, stderr, stdout } = await end([...to, '--', 'echo', 'the job runs'])
  t.equal(code, 75)
  t.equal(stdout, '')
  t.match(stderr, /this Chrome is signed out; the broker says login_bad_credentials: rejected/)
})

t.test('a signal before the job is started ends the wait', async (t) => {
  const program = start([
    'exec',
    '--broker',
    url,
    '--session',
    'amazon',
    '--chrome',
    noChrome,
    '--',
    'echo',
    'runs',
  ])
  await until(() => program.stderr().includes('chrome not there'), 60_000)
  t.equal(await program.stop('SIGTERM'), 143)
  t.equal(program.stdout(), '')
})

t.test('what no waiting mends ends with 1', async (t) => {
  const { url } = await broker(t, (response) => problem(response, 'key_unknown', 'this key is not known'))
  const to = ['exec', '--broker', url, '--session', 'amazon', '--chrome', chrome.cdpUrl, '--', 'echo', 'runs']
  const { code, stdout, stderr } = await end(to)
  t.equal(code, 1)
  t.equal(stdout, '')
  t.match(stderr.trim().split('\n').at(-1), 'The broker says key_unknown: this key is not known')
})

/** One that has ended may keep its number until its end is asked for; then it has no command line. */
function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== ''
  } catch {
    return false
  }
}
