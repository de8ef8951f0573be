import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startProcess } from '@session-broker/stage/process'
import t from 'tap'
import { until } from '../../client/scripted-broker.ts'
import { ensureInstalled } from '../../sites/ensure-installed.ts'
import { signedInAgain, startCast } from './life-cast.ts'

t.setTimeout(600_000)
const { site, broker, startWorker, renew } = await startCast(t)

/** A profile for this test; what uses it is found by it. */
function makeProfile(t: { teardown(end: () => unknown): unknown }): string {
  const dir = mkdtempSync(join(tmpdir(), 'session-broker-test-profile-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }))
  return dir
}

/** The pids of a Chrome that runs on this profile, its own first: all are in its process group, as Linux tells it. */
function processesOf(userDataDir: string): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const browser = all.find((pid) => {
    const args = argsOf(pid)
    return args.includes(`--user-data-dir=${userDataDir}`) && !args.some((arg) => arg.startsWith('--type='))
  })
  if (browser === undefined) return []
  // After the name in brackets: state, parent, group.
  const isInGroup = (pid: string) => read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ')[2] === browser
  return [browser, ...all.filter((pid) => pid !== browser && isInGroup(pid))].map(Number)
}

function browserOf(userDataDir: string): number {
  const [browser] = processesOf(userDataDir)
  if (browser === undefined) throw new Error('no browser runs on this profile')
  return browser
}

const argsOf = (pid: number | string) => read(`/proc/${pid}/cmdline`).split('\0')

/** Empty for a process that has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** None of a process that has ended meanwhile. */
function descriptorsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`)
  } catch {
    return []
  }
}

/** Empty where it is closed by now. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** How many TCP sockets the processes listen at. */
function listeningSockets(pids: readonly number[]): number {
  const tables = ['tcp', 'tcp6'].map((name) => readFileSync(`/proc/net/${name}`, 'utf8'))
  const rows = tables
    .flatMap((text) => text.trim().split('\n').slice(1))
    .map((row) => row.trim().split(/\s+/))
  // 0A is LISTEN; the tenth column is the socket's inode.
  const listening = new Set(rows.filter((row) => row[3] === '0A').map((row) => `socket:[${row[9]}]`))
  const open = pids.flatMap((pid) => descriptorsOf(pid).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`)))
  return open.filter((link) => listening.has(link)).length
}

t.test('over a pipe: signed in, through kills and freezes, and nobody else can use it', async (t) => {
  const profile = makeProfile(t)
  const flags = ['--chrome-flag=--lang=de', '--user-data-dir', profile]
  const worker = startWorker(['--launch', '--headless', '--pipe', ...flags, '--id', 'piped'])
  await worker.line('signed in here')
  const args = argsOf(browserOf(profile))
  t.ok(args.includes('--lang=de'))
  t.ok(args.includes('--remote-debugging-pipe'))
  t.notOk(args.some((arg) => arg.startsWith('--remote-debugging-port')))
  const pids = processesOf(profile)
  t.ok(pids.length > 1)
  t.equal(listeningSockets(pids), 0)

  const generation = await renew()
  await until(() => worker.said('signed in here').some((line) => line.generation === generation), 60_000)

  await signedInAgain(worker, async () => process.kill(browserOf(profile), 'SIGKILL'))
  const again = browserOf(profile)

  t.teardown(() => {
    for (const pid of processesOf(profile)) process.kill(pid, 'SIGKILL')
  })
  await signedInAgain(worker, async () => process.kill(-again, 'SIGSTOP'))
  t.not(browserOf(profile), again, 'one that hangs is ended, and another started')

  const { body } = await broker.call('/workers')
  t.match(body.workers, [{ id: 'piped', generation, outcome: 'applied', seen: 'signed_in' }])
  t.equal(await worker.stop(), 0)
  t.same(processesOf(profile), [])
  t.ok(existsSync(join(profile, 'Default')), 'the profile stays')
})

const missing = await ensureInstalled('xvfb').then(
  () => false as const,
  (error: Error) => error.message,
)

t.test('with a window, on a display', { skip: missing }, async (t) => {
  const display = await startProcess({
    name: 'the display',
    command: 'Xvfb',
    args: ['-displayfd', '1', '-screen', '0', '1024x768x24', '-nolisten', 'tcp'],
  })
  t.teardown(() => display.end())
  const profile = makeProfile(t)
  const DISPLAY = `:${await display.firstLine}`
  const worker = startWorker(['--launch', '--user-data-dir', profile, '--id', 'headed'], { env: { DISPLAY } })
  await worker.line('signed in here')
  t.notOk(argsOf(browserOf(profile)).some((arg) => arg.startsWith('--headless')))
  t.match((await worker.line('chrome attached')).chrome, /^Chrome\//, 'it does not call itself headless')
  t.equal(await worker.stop(), 0)
  t.same(processesOf(profile), [])
})

t.test('with a window, and no display, the worker says so and ends', async (t) => {
  const worker = startWorker(['--launch', '--user-data-dir', makeProfile(t)])
  t.equal(await worker.ended, 1)
  t.match(worker.stderr().trim().split('\n').at(-1), /Chrome ended at once with .*(display|X server)/i)
})

t.test('nothing of it cost a login without need', (t) => {
  t.equal(site.stats().loginsStarted, 2)
  t.end()
})
