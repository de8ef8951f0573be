import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { packClient } from '../../scripts/build/pack-client.ts'

// The package as somebody has it who got its tarballs: no sources, no workspace, none of our compiler's options.
t.setTimeout(300_000)
const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'session-broker-package-'))
t.teardown(() => rm(folder, { recursive: true, force: true }))
const modules = join(folder, 'node_modules')

/** What npm would bring beside the tarballs, at the versions that their package.json names. */
async function link(name: string, from: string): Promise<void> {
  await mkdir(join(modules, name, '..'), { recursive: true })
  await symlink(join(root, from, 'node_modules', name), join(modules, name))
}

async function unpack(tarball: string): Promise<void> {
  const [, name = ''] = /session-broker-(\w+)-[\d.]+\.tgz$/.exec(tarball) ?? []
  const into = join(modules, '@session-broker', name)
  await mkdir(into, { recursive: true })
  await run('tar', ['xzf', tarball, '--strip-components=1', '-C', into])
}

const tsc = join(root, 'node_modules/typescript/lib/tsc.js')
const check = async (...args: string[]) => {
  try {
    return (await run(process.execPath, [tsc, '-p', folder, ...args])).stdout
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}

t.before(async () => {
  const tarballs = await packClient(folder)
  t.equal(tarballs.length, 2)
  await Promise.all(tarballs.map(unpack))
  for (const name of ['eventsource-parser', 'tough-cookie']) await link(name, 'packages/client')
  for (const name of ['zod', 'tldts']) await link(name, 'packages/shared')
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
})

t.test('every entry is there, and loads', async (t) => {
  const names = ['', '/fetch', '/playwright', '/playwright-test', '/puppeteer', '/tough-cookie']
  const code = `const all = await Promise.all(${JSON.stringify(names)}.map((name) => import('@session-broker/client' + name)))
    console.log(all.flatMap((each) => Object.keys(each)).sort().join(' '))`
  await writeFile(join(folder, 'load.js'), code)
  const { stdout } = await run(process.execPath, ['load.js'], { cwd: folder })
  t.equal(
    stdout.trim(),
    'BrokerUnreachableError ProblemError UnexpectedAnswerError contextOptions createBrokerClient createSessionFetch createSessionJar ' +
      'followSession isFinal keepSignedIn keepSignedIn looksLoggedOut putInto putInto sessionFixtures storageStateOf ' +
      'toPuppeteerCookies userAgentOf',
  )
})

t.test('whoever wants the broker’s API alone needs no jar, no Playwright and no Puppeteer', async (t) => {
  await rm(join(modules, 'tough-cookie'))
  t.teardown(() => link('tough-cookie', 'packages/client'))
  const code =
    "import { createBrokerClient } from '@session-broker/client'\nconsole.log(typeof createBrokerClient)"
  await writeFile(join(folder, 'alone.js'), code)
  const { stdout } = await run(process.execPath, ['alone.js'], { cwd: folder })
  t.equal(stdout.trim(), 'function')
})

t.test('a user’s compiler takes it as strictly as it likes', async (t) => {
  for (const name of ['playwright', '@playwright/test', 'puppeteer-core']) await link(name, 'examples')
  await link('@types/node', '.')
  const options = { module: 'nodenext', target: 'es2024', strict: true, noEmit: true, types: ['node'] }
  const strict = {
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
  }
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...options, ...strict, lib: ['es2024', 'dom'] }, include: ['*.ts'] }),
  )
  await writeFile(join(folder, 'program.ts'), program)
  t.equal(await check('--skipLibCheck'), '')
  const inOurs = (await check()).split('\n').filter((line) => line.includes('@session-broker'))
  t.same(inOurs, [], 'our own declarations are sound')
  await writeFile(join(folder, 'program.ts'), `${program}\nclient.refresh({ generation: '7' })`)
  t.match(await check('--skipLibCheck'), /TS2322/, 'and sees what is wrong')
})

const program = `
import { test as base } from '@playwright/test'
import { createBrokerClient, followSession, ProblemError } from '@session-broker/client'
import { createSessionFetch } from '@session-broker/client/fetch'
import { contextOptions, keepSignedIn, storageStateOf } from '@session-broker/client/playwright'
import { sessionFixtures, type SignedIn } from '@session-broker/client/playwright-test'
import * as inPuppeteer from '@session-broker/client/puppeteer'
import { createSessionJar } from '@session-broker/client/tough-cookie'
import { chromium } from 'playwright'
import puppeteer from 'puppeteer-core'
import type { CookieJar } from 'tough-cookie'

export const client = createBrokerClient({ url: 'https://broker.internal', key: 'sb_x', session: 'shop' })
const { session } = await client.cookies()
const browser = await chromium.launch()
const context = await browser.newContext({ ...contextOptions(session), locale: 'de' })
await browser.newContext({ storageState: storageStateOf(session) })
await context.addCookies(session.cookies)
const kept = await keepSignedIn(context, { client, from: session, reload: true })
const generation: number = kept.current().generation
export const test = base.extend<object, SignedIn>(sessionFixtures({ url: 'https://broker.internal', key: 'sb_x' }))
test('x', async ({ page, signedIn }) => {
  await page.goto(signedIn.session)
})
const other = await puppeteer.connect({ browserURL: 'http://127.0.0.1:9222' })
await inPuppeteer.putInto(other, session)
await inPuppeteer.keepSignedIn(other.defaultBrowserContext(), { client })
await (await other.newPage()).setUserAgent(inPuppeteer.userAgentOf(session))
await other.setCookie(...inPuppeteer.toPuppeteerCookies(session.cookies))
const jar: CookieJar = (await createSessionJar({ client })).jar
const site = await createSessionFetch({ client, isLoggedOut: ({ response }) => response.status === 403 })
const response: Response = await site.fetch('https://shop.example/', { method: 'POST', body: 'a', retry: true })
const asFetch: typeof globalThis.fetch = site.fetch
try {
  await (await followSession({ client })).signedOut()
} catch (error) {
  if (error instanceof ProblemError && error.code === 'login_locked_out') console.log(error.retryAfterSeconds)
}
export default [generation, jar, response, asFetch]
`
