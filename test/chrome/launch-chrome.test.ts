import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { launchChrome } from '@session-broker/chrome'
import t from 'tap'

/** The processes whose command line names this profile, as Linux tells them. */
function processesOf(userDataDir: string): number {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(userDataDir)
    } catch {
      return false
    }
  }).length
}

async function untilNoProcessOf(userDataDir: string): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    if (processesOf(userDataDir) === 0) return true
    await sleep(50)
  }
  return false
}

const scratch = mkdtempSync(join(tmpdir(), 'session-broker-test-'))
t.teardown(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 10 }))
// Temporary profiles are made here, so that a test sees whether one was left; and the person's own are not in reach.
process.env.TMPDIR = join(scratch, 'tmp')
process.env.HOME = join(scratch, 'home')
mkdirSync(process.env.TMPDIR)
mkdirSync(process.env.HOME)
const temporaryProfiles = () =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('session-broker-chrome-'))

t.test('listens at the port it tells; closing leaves no process and no profile', async (t) => {
  const chrome = await launchChrome({ headless: true })
  t.teardown(chrome.close)
  const version = await fetch(`${chrome.cdpUrl}/json/version`)
  t.match(await version.json(), { Browser: /Chrome\/\d+/ })
  t.ok(processesOf(chrome.userDataDir) > 1)
  await Promise.all([chrome.close(), chrome.close()])
  await chrome.exited
  t.equal(processesOf(chrome.userDataDir), 0)
  t.same(temporaryProfiles(), [])
})

t.test(
  'a headless one comes without the pages of an address bar, unless a flag says otherwise',
  async (t) => {
    const [plain, whole] = await Promise.all(
      [[], ['--disable-features=none']].map((flags) => launchChrome({ headless: true, flags })),
    )
    if (!plain || !whole) throw new Error('two were launched')
    t.teardown(plain.close)
    t.teardown(whole.close)
    const typesIn = async ({ cdpUrl }: typeof plain) => {
      const listed = (await (await fetch(`${cdpUrl}/json/list`)).json()) as { type: string }[]
      return listed.map(({ type }) => type)
    }
    for (let tries = 0; tries < 400 && !(await typesIn(whole)).includes('browser_ui'); tries++)
      await sleep(50)
    t.ok((await typesIn(whole)).includes('browser_ui'))
    t.same(await typesIn(plain), ['page'])
  },
)

t.test('tells when it ended by itself, and closing still removes the profile', async (t) => {
  const chrome = await launchChrome({ headless: true })
  process.kill(chrome.pid, 'SIGKILL')
  await chrome.exited
  await chrome.close()
  t.equal(processesOf(chrome.userDataDir), 0)
  t.same(temporaryProfiles(), [])
})

t.test('a lasting profile stays, and can be used again at once', async (t) => {
  const userDataDir = join(scratch, 'lasting')
  for (const round of ['first', 'second']) {
    const chrome = await launchChrome({ headless: true, userDataDir })
    await chrome.close()
    t.ok(existsSync(join(userDataDir, 'Default')), `${round} time`)
  }
})

t.test('a profile that another Chrome uses is refused in so many words, and that one lives on', async (t) => {
  const first = await launchChrome({ headless: true, userDataDir: join(scratch, 'shared') })
  t.teardown(first.close)
  await t.rejects(launchChrome({ headless: true, userDataDir: first.userDataDir }), {
    code: 'profile_in_use',
  })
  t.equal((await fetch(`${first.cdpUrl}/json/version`)).status, 200)
})

t.test('a port that is taken is refused, never taken over', async (t) => {
  const stranger = createServer().listen(0, '127.0.0.1')
  await once(stranger, 'listening')
  t.teardown(() => stranger.close())
  const address = stranger.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await t.rejects(launchChrome({ headless: true, port }), { code: 'port_in_use' })
  t.same(temporaryProfiles(), [])
})

t.test('the profile of a person is refused, through a link too', async (t) => {
  const personal = join(scratch, 'home/.config/chromium')
  mkdirSync(personal, { recursive: true })
  const link = join(scratch, 'innocent')
  symlinkSync(personal, link)
  for (const userDataDir of [personal, join(personal, 'Default'), link, join(link, 'Profile 1')]) {
    await t.rejects(launchChrome({ headless: true, userDataDir }), { code: 'profile_refused' }, userDataDir)
  }
})

t.test('Chrome is given no secret of the environment', async (t) => {
  const env = { ...process.env, SHOP_PASSWORD: 'correct horse', LC_ALL: 'C.UTF-8' }
  const chrome = await launchChrome({ headless: true, env })
  t.teardown(chrome.close)
  const given = readFileSync(`/proc/${chrome.pid}/environ`, 'utf8')
  t.notMatch(given, 'SHOP_PASSWORD')
  t.match(given, 'LC_ALL=C.UTF-8')
})

t.test('a start that is aborted, or takes too long, leaves nothing behind', async (t) => {
  const gone = AbortSignal.timeout(50)
  await t.rejects(launchChrome({ headless: true, signal: gone }), { name: 'TimeoutError' })
  await t.rejects(launchChrome({ headless: true, timeoutMs: 50 }), { code: 'chrome_did_not_start' })
  t.same(temporaryProfiles(), [])
  t.ok(await untilNoProcessOf(tmpdir()))
})

t.test('a browser that cannot start says why', async (t) => {
  await t.rejects(launchChrome({ headless: true, path: join(scratch, 'no-chrome') }), {
    code: 'chrome_did_not_start',
    message: /no-chrome/,
  })
  await t.rejects(launchChrome({ headless: true, path: '/bin/false' }), {
    code: 'chrome_did_not_start',
    message: /exit code 1/,
  })
  t.same(temporaryProfiles(), [])
})

const parentProgram = `
  import { launchChrome } from '@session-broker/chrome'
  const chrome = await launchChrome({ headless: true })
  console.log(chrome.userDataDir)
  process.stdin.once('data', () => process.exit(3))
`

async function startParent() {
  const args = ['--conditions=@session-broker/source', '--input-type=module', '--eval', parentProgram]
  const parent = spawn(process.execPath, args, {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = await once(parent.stdout, 'data')
  return { parent, userDataDir: String(line).trim() }
}

t.test('Chrome ends with a parent that is killed', async (t) => {
  const { parent, userDataDir } = await startParent()
  t.ok(processesOf(userDataDir) > 0)
  parent.kill('SIGKILL')
  t.ok(await untilNoProcessOf(userDataDir))
  rmSync(userDataDir, { recursive: true, force: true, maxRetries: 10 })
})

t.test('a parent that exits without closing leaves neither Chrome nor profile', async (t) => {
  const { parent, userDataDir } = await startParent()
  parent.stdin.write('now')
  await once(parent, 'exit')
  t.ok(await untilNoProcessOf(userDataDir))
  t.notOk(existsSync(userDataDir))
})
