import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { launchChrome } from '@session-broker/chrome'
import t from 'tap'
import { connectToChrome } from '../../apps/worker/src/cdp/connect-to-chrome.ts'
import { bundleWorker } from '../../scripts/build/bundle-worker.ts'
import { issued, json, openStream, problem, startScriptedBroker } from '../client/scripted-broker.ts'
import { openTab } from './cdp/open-chrome.ts'
import { openSite } from './cdp/open-site.ts'

const root = new URL('../../', import.meta.url)

/** Tells at the end of a program which of these it has loaded. */
const tellBuiltins = `process.on('exit', () => {
  const names = ['http', 'net', 'https', 'tls', 'zlib', 'internal/deps/undici/undici']
  const loaded = names.filter((name) => process.moduleLoadList.includes('NativeModule ' + name))
  process.stderr.write('builtins: ' + loaded.join(' ') + '\\n')
})`

/** Runs in a page. */
const readAll = `new Promise((resolve, reject) => {
  const opening = indexedDB.open('d')
  opening.onerror = () => reject(opening.error)
  opening.onsuccess = () => {
    const reading = opening.result.transaction('s').objectStore('s').get('k')
    reading.onerror = () => reject(reading.error)
    reading.onsuccess = () =>
      resolve({ local: localStorage.token, tab: sessionStorage.token, record: reading.result })
  }
})`

async function firstLine(input: Readable, part: string): Promise<string> {
  const said: string[] = []
  for await (const line of createInterface({ input })) {
    if (line.includes(part)) return line
    said.push(line)
  }
  throw new Error(`it ended without ${part}:\n${said.join('\n')}`)
}

t.test('the worker as one file', async (t) => {
  const folder = t.testdir({ 'tell-builtins.cjs': tellBuiltins })
  const file = join(folder, 'session-worker.cjs')
  const { bytes, packages } = await bundleWorker(file)

  const run = async (args: string[], env: Record<string, string> = {}) => {
    const child = spawn(process.execPath, ['--lite-mode', file, ...args], {
      cwd: '/',
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ])
    return { code, stdout, stderr }
  }

  await t.test('holds no browser driver, no second HTTP client, and little else', async (t) => {
    t.same(
      packages.filter((name) => /playwright|puppeteer|undici|fastify|redis/.test(name)),
      [],
    )
    for (const name of ['commander', 'pino', 'ws', 'zod'])
      t.ok(packages.includes(name), `they are told: ${name}`)
    t.ok(bytes < 1_600_000, `${bytes} bytes`)
  })

  await t.test('runs where nothing of the project is', async (t) => {
    const { code, stdout } = await run(['--version'])
    const { version } = JSON.parse(await readFile(new URL('apps/worker/package.json', root), 'utf8'))
    t.equal(code, 0)
    t.equal(stdout, `${version}\n`)
  })

  await t.test('speaks plain HTTP without TLS and what Node itself has of undici', async (t) => {
    const broker = await startScriptedBroker((response) => problem(response, 'key_unknown', 'not this key'))
    t.teardown(broker.close)
    const { code, stderr } = await run(
      ['run', '--broker', broker.url, '--session', 'shop', '--chrome', 'http://127.0.0.1:9'],
      { SESSION_BROKER_KEY: 'sb_x', NODE_OPTIONS: `--require ${join(folder, 'tell-builtins.cjs')}` },
    )
    t.equal(code, 1)
    t.match(stderr, 'The broker says key_unknown: not this key')
    t.match(stderr, 'builtins: http net\n')
  })

  await t.test('runs its scripts in pages as the sources do', async (t) => {
    const site = await openSite(t)
    const origin = site.at('shop.localhost')
    const entries = [{ name: 'token', value: 'of the session' }]
    const records = [{ key: 'k', value: 'v' }]
    const store = { name: 's', autoIncrement: false, indexes: [], records }
    const indexedDB = [{ name: 'd', version: 1, stores: [store] }]
    const state = issued(1, {
      session: 'shop',
      origins: [{ origin, localStorage: entries, sessionStorage: entries, indexedDB }],
    })
    const broker = await startScriptedBroker((response, { method, url }) => {
      if (url.startsWith('/session/cookies')) return json(response, 200, state, { etag: '"1.0"' })
      if (url.startsWith('/session/events')) return openStream(response)
      return method === 'POST' ? response.writeHead(204).end() : problem(response, 'store_unavailable')
    })
    t.teardown(broker.close)
    const launched = await launchChrome({ headless: true })
    t.teardown(launched.close)
    const args = ['run', '--broker', broker.url, '--session', 'shop', '--chrome', launched.cdpUrl]
    const child = spawn(process.execPath, ['--lite-mode', file, ...args], {
      env: { SESSION_BROKER_KEY: 'sb_x' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    t.teardown(() => child.kill('SIGKILL'))

    const applied = await firstLine(child.stderr, '"message":"applied"')
    t.match(JSON.parse(applied), { outcome: 'applied', reason: 'newer' })
    const chrome = await connectToChrome(launched.cdpUrl)
    t.teardown(chrome.close)
    const tab = await openTab(chrome, origin)
    t.same(await tab.evaluate(readAll), { local: 'of the session', tab: 'of the session', record: 'v' })
  })
})

t.test('no browser driver is among the worker’s dependencies, nor among those of its packages', async (t) => {
  const seen = new Set<string>()
  const visit = async (folder: URL): Promise<void> => {
    const { dependencies = {} } = JSON.parse(await readFile(new URL('package.json', folder), 'utf8'))
    for (const name of Object.keys(dependencies)) {
      if (seen.has(name)) continue
      seen.add(name)
      const [, own] = /^@session-broker\/(.+)$/.exec(name) ?? []
      if (own !== undefined) await visit(new URL(`packages/${own}/`, root))
    }
  }
  await visit(new URL('apps/worker/', root))
  t.ok(seen.has('ws') && seen.has('zod'), 'they are told')
  t.same(
    [...seen].filter((name) => /playwright|puppeteer|selenium/.test(name)),
    [],
  )
})
