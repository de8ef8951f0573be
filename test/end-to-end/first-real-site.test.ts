import { execFile } from 'node:child_process'
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { launchChrome, pickBrowserEnv } from '@session-broker/chrome'
import { freePort, startProcess, waitFor } from '@session-broker/stage/process'
import { startSite } from '@session-broker/stage/site'
import { chromium } from 'playwright'
import t from 'tap'
import { ensureInstalled } from '../sites/ensure-installed.ts'

// The README's "first real site", as it stands there: only the site, the ports and the secrets are put in.
await ensureInstalled('curl')
const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'session-broker-first-'))
t.teardown(() => rm(folder, { recursive: true, force: true }))
const site = await startSite()
t.teardown(() => site.close())
const chrome = await launchChrome({ headless: true })
t.teardown(() => chrome.close())
const brokerUrl = `http://127.0.0.1:${await freePort()}`
let apiKey = ''

/** A command of the README, in the folder where its reader stands, with npm told where the repository is. */
function asTyped(command: string): { command: string; cwd: string; env: Record<string, string> } {
  const here = command
    .replaceAll('http://127.0.0.1:8787', brokerUrl)
    .replace("SHOP_PASSWORD='…'", `SHOP_PASSWORD='${site.password}'`)
    .replaceAll('sb_…', apiKey)
    .replace('npm run', `npm run --silent --prefix '${root}'`)
  return { command: here, cwd: folder, env: { ...pickBrowserEnv(process.env), INIT_CWD: folder } }
}

async function type(command: string): Promise<string> {
  const { command: typed, ...options } = asTyped(command)
  const { stdout } = await run('bash', ['-c', typed], options)
  return stdout
}

function start(name: string, command: string) {
  const { command: typed, ...options } = asTyped(command)
  return startProcess({
    name,
    command: 'bash',
    args: ['-c', `exec env ${typed}`],
    ownGroup: true,
    ...options,
  })
}

t.test('the configuration of the README', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const [, yaml = ''] = /```yaml\n([^`]+)```/.exec(readme) ?? []
  const config = yaml.replace('https://shop.example/login', site.loginUrl)
  await writeFile(join(folder, 'session-broker.yaml'), `listen: ${new URL(brokerUrl).host}\n${config}`)
})

t.test('a key is made, and its line makes the configuration whole', async (t) => {
  const said = await type('npm run broker -- keys create --name server1 --scopes read,refresh')
  apiKey = /sb_[\w-]{43}/.exec(said)?.[0] ?? ''
  const line = said.split('\n').find((each) => each.includes('sha256:')) ?? ''
  t.ok(apiKey)
  await appendFile(join(folder, 'session-broker.yaml'), `keys:\n${line}\n`)
  t.match(await type('npm run broker -- check-config'), /shop/)
})

t.test('broker and worker sign the Chrome in', async (t) => {
  const broker = await start('the broker', "SHOP_PASSWORD='…' npm run broker -- serve")
  t.teardown(() => broker.end(25_000))
  const isUp = async (signal: AbortSignal) => (await fetch(`${brokerUrl}/readyz`, { signal })).ok
  await waitFor(broker, isUp, { withinMs: 60_000 })
  const worker = await start(
    'the worker',
    "SESSION_BROKER_KEY='sb_…' npm run worker -- run --broker http://127.0.0.1:8787 --session shop" +
      ` --chrome ${chrome.cdpUrl}`,
  )
  t.teardown(() => worker.end(10_000))
  await waitFor(worker, async () => worker.output().includes('signed in here'), { withinMs: 60_000 })
  t.ok(await showsSignedIn())

  const body = await type("curl -H 'Authorization: Bearer sb_…' http://127.0.0.1:8787/session/cookies")
  t.match(JSON.parse(body), { session: 'shop', generation: 1 })
  await type(
    "curl -H 'Authorization: Bearer sb_…' 'http://127.0.0.1:8787/session/cookies?format=netscape' > cookies.txt",
  )
  const page = await run('curl', ['-s', '-b', join(folder, 'cookies.txt'), `${site.url}/`])
  t.match(page.stdout, site.signedInText, 'curl is signed in by the cookies.txt')
})

async function showsSignedIn(): Promise<boolean> {
  const browser = await chromium.connectOverCDP(chrome.cdpUrl)
  try {
    const page = await browser.contexts()[0]?.newPage()
    await page?.goto(site.url)
    return (await page?.content())?.includes(site.signedInText) ?? false
  } finally {
    await browser.close()
  }
}
