import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findChrome, pickBrowserEnv } from '@session-broker/chrome'
import t, { type Test } from 'tap'
import { openBrowserFolder } from '../../../../apps/broker/src/browser/house/browser-folder.ts'
import { createBrowserHouse } from '../../../../apps/broker/src/browser/house/browser-house.ts'
import { openLocalExits, toLoopback } from '../../exit/local-exits.ts'
import { browsersIn } from './browsers-in.ts'

const holder = fileURLToPath(new URL('browser-holder.ts', import.meta.url))

/** A folder for browsers, and a temporary one for everything that would be written elsewhere. */
function scratch(t: Test) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'sb-')))
  t.teardown(() => rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }))
  const elsewhere = join(root, 'tmp')
  mkdirSync(elsewhere)
  return { root, folder: join(root, 'browser'), elsewhere }
}

type Scratch = ReturnType<typeof scratch>

function hold(t: Test, { folder, elsewhere }: Scratch): ChildProcess {
  const child = fork(holder, [folder], {
    execArgv: ['--conditions=@session-broker/source'],
    env: { ...process.env, TMPDIR: elsewhere, HOME: elsewhere },
  })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

async function says(child: ChildProcess, word: string): Promise<void> {
  for (;;) {
    const [said] = await once(child, 'message', { signal: AbortSignal.timeout(30_000) })
    if (said === word) return
  }
}

async function kill9(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  const endMs = performance.now() + 20_000
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error('it did not come so far')
    await delay(20)
  }
}

/** Stops the browser's main process: it hangs, and does not end by itself either. */
async function stopBrowserIn(t: Test, folder: string): Promise<number> {
  const [main = 0] = await browsersIn(folder)
  process.kill(main, 'SIGSTOP')
  t.teardown(async () => {
    if ((await browsersIn(folder)).includes(main)) process.kill(main, 'SIGKILL')
  })
  return main
}

const noBrowserIn = (folder: string) => until(async () => (await browsersIn(folder)).length === 0)
const leftIn = (folder: string) => readdirSync(folder).filter((name) => !name.endsWith('.lock'))

async function open(t: Test, { folder }: Pick<Scratch, 'folder'>) {
  const warnings: string[] = []
  const opened = await openBrowserFolder({
    folder,
    log: { warn: (_, message) => void warnings.push(message) },
  })
  t.teardown(() => opened.close())
  return { opened, warnings }
}

async function house(t: Test, place: Scratch) {
  const exits = await openLocalExits()
  t.teardown(() => exits.close())
  const made = createBrowserHouse({
    executablePath: (await findChrome()).path,
    headless: true,
    args: [],
    sandbox: process.getuid?.() !== 0,
    env: pickBrowserEnv(process.env),
    folder: (await open(t, place)).opened,
    idleMs: 60_000,
    exits,
  })
  t.teardown(() => made.close())
  const visit = () =>
    made.withContext(
      { signal: AbortSignal.timeout(30_000), exit: toLoopback },
      async (_context, _browser, page) => {
        await page.goto('data:text/html,hello')
      },
    )
  return { close: made.close, visit }
}

t.test(
  'a browser writes into its folder alone, which nobody else can enter, and which goes with it',
  async (t) => {
    const place = scratch(t)
    const child = hold(t, place)
    await says(child, 'launched')
    t.not((await browsersIn(place.folder)).length, 0)
    t.same(leftIn(place.folder), ['1'])
    for (const path of ['', '1', '1/1', '1/1/profile'])
      t.equal(statSync(join(place.folder, path)).mode & 0o777, 0o700, path)
    const strayed = readdirSync(place.elsewhere, { recursive: true })
    t.same(
      strayed.filter((name) => /playwright|chromium|crash/i.test(String(name))),
      [],
    )
    child.send('close')
    await once(child, 'exit')
    t.same(await browsersIn(place.folder), [])
    t.same(readdirSync(place.folder), ['1.lock'])
  },
)

t.test('a browser ends also when the broker is killed while it starts', async (t) => {
  const place = scratch(t)
  for (const laterMs of [0, 200]) {
    const child = hold(t, place)
    await says(child, 'launching')
    await until(async () => (await browsersIn(place.folder)).length > 0)
    await delay(laterMs)
    await kill9(child)
    await noBrowserIn(place.folder)
  }
  const { opened } = await open(t, place)
  t.same(leftIn(place.folder), [])
  await opened.close()
})

t.test('a browser that does not end by itself is ended before its folder goes', async (t) => {
  const place = scratch(t)
  const child = hold(t, place)
  await says(child, 'launched')
  const main = await stopBrowserIn(t, place.folder)
  await kill9(child)
  t.ok((await browsersIn(place.folder)).includes(main))
  await open(t, place)
  t.same(await browsersIn(place.folder), [])
  t.same(leftIn(place.folder), [])
})

t.test(
  'of a broker that was killed, browser and profile are gone; what only names them is left alone',
  async (t) => {
    const place = scratch(t)
    const child = hold(t, place)
    await says(child, 'launched')
    const profile = join(place.folder, '1', '1', 'profile')
    const reader = spawn('tail', ['-f', join(profile, 'Local State')])
    t.teardown(() => reader.kill('SIGKILL'))
    await once(reader, 'spawn')
    await kill9(child)
    await noBrowserIn(place.folder)
    t.same(leftIn(place.folder), ['1'], 'nobody was there to remove it')
    await open(t, place)
    t.same(readdirSync(place.folder), ['1.lock'])
    t.match(reader, { exitCode: null, signalCode: null })
  },
)

t.test("a living broker's folder is its own, also while that broker is stopped", async (t) => {
  const place = scratch(t)
  const child = hold(t, place)
  await says(child, 'launched')
  const before = await browsersIn(place.folder)
  child.kill('SIGSTOP')
  const { opened, warnings } = await open(t, place)
  const created = opened.create()
  t.equal(created, join(place.folder, '2', '1'))
  t.same(await browsersIn(place.folder), before)
  await opened.close()
  t.same(leftIn(place.folder), ['1'])
  await kill9(child)
  await noBrowserIn(place.folder)
  await open(t, place)
  t.same(leftIn(place.folder), [])
  t.same(warnings, [])
})

t.test('a process that exits at once takes its browser and folder with it', async (t) => {
  const place = scratch(t)
  const child = hold(t, place)
  await says(child, 'launched')
  child.send('exit')
  await once(child, 'exit')
  await noBrowserIn(place.folder)
  t.same(leftIn(place.folder), [])
})

t.test('a browser that hangs is ended by force', async (t) => {
  const place = scratch(t)
  const { close, visit } = await house(t, place)
  await visit()
  await stopBrowserIn(t, place.folder)
  await close()
  t.same(await browsersIn(place.folder), [])
  t.same(leftIn(place.folder), [])
})

t.test('of a browser that was killed nothing stays, and the next visit has another one', async (t) => {
  const place = scratch(t)
  const { close, visit } = await house(t, place)
  await visit()
  const [main = 0] = await browsersIn(place.folder)
  process.kill(main, 'SIGKILL')
  await until(() => readdirSync(join(place.folder, '1')).length === 0)
  t.same(await browsersIn(place.folder), [])
  await Promise.all([visit(), visit()])
  t.same(readdirSync(join(place.folder, '1')), ['2'], 'one for both')
  await close()
})

t.test('a browser starts also where the path is too long for its sockets', async (t) => {
  const place = scratch(t)
  const { close, visit } = await house(t, { ...place, folder: join(place.root, 'deep'.repeat(30)) })
  await t.resolves(visit())
  await close()
})

t.test('a folder that others could enter is closed to them', async (t) => {
  const place = scratch(t)
  mkdirSync(place.folder)
  chmodSync(place.folder, 0o755)
  await open(t, place)
  t.equal(statSync(place.folder).mode & 0o777, 0o700)
})

t.test('a folder that cannot be used is told', async (t) => {
  const { root } = scratch(t)
  const folder = join(root, 'a file')
  writeFileSync(folder, '')
  await t.rejects(openBrowserFolder({ folder, log: { warn: () => undefined } }), {
    code: 'login_misconfigured',
    message: `the folder ${folder}, for the profiles of the browser that logs in, cannot be used: EEXIST`,
  })
})
