import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { launchChrome } from '@session-broker/chrome'
import { startBroker } from '@session-broker/stage/broker'
import { startSite } from '@session-broker/stage/site'
import t from 'tap'
import { issued, json, problem, type Script, startScriptedBroker } from '../../client/scripted-broker.ts'
import { ensureInstalled } from '../../sites/ensure-installed.ts'
import { runWorkerCommand } from './run-worker-command.ts'
import { key, startWorkerProgram } from './run-worker-program.ts'
import { cookie, summary } from './site-and-broker.ts'

t.setTimeout(600_000)
type Tap = { teardown(end: () => unknown): void }
interface Finding {
  look: string
  about?: string
  level: 'ok' | 'warn' | 'fail'
  says: string
}

await ensureInstalled('openssl')
const noChrome = 'http://127.0.0.1:9'
const noBroker = 'http://127.0.0.1:9'
const chrome = await launchChrome({ headless: true })
t.teardown(() => chrome.close())
const temporary = await mkdtemp(join(tmpdir(), 'session-broker-doctor-'))
t.teardown(() => rm(temporary, { recursive: true, force: true }))

const doctor = async (args: readonly string[], env?: Record<string, string>) =>
  readAnswer(await runWorkerCommand(['doctor', ...args, '--json'], env))

/** As a process, for what Node itself takes from the environment. */
const doctorProgram = async (args: readonly string[], env: Record<string, string>) =>
  readAnswer(await startWorkerProgram(['doctor', ...args, '--json'], env).whole)

function readAnswer({ code, stdout, stderr }: { code: number | null; stdout: string; stderr: string }) {
  if (!stdout) throw new Error(`no answer: ${stderr}`)
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] }
  return {
    ...{ code, ok, findings, text: stdout + stderr },
    of: (look: string, about?: string) =>
      findings.find((one) => one.look === look && (about === undefined || one.about === about)),
  }
}

async function listening(t: Tap, server: Server, host = '127.0.0.1') {
  server.listen(0, host)
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

const serve = async (t: Tap, answer: RequestListener) => {
  const server = createServer(answer)
  t.teardown(() => server.closeAllConnections())
  return `http://127.0.0.1:${await listening(t, server)}`
}

async function broker(t: Tap, script: Script) {
  const started = await startScriptedBroker(script)
  t.teardown(started.close)
  return started.url
}

/** Answers as a broker does, with one session. */
const oneSession =
  (over: object = {}, cookies = [cookie(1)]): Script =>
  (response, { url, method }) => {
    if (url === '/readyz') return json(response, 200, {})
    if (url.startsWith('/session/cookies') && method === 'GET')
      return json(response, 200, issued(1, { cookies }), { etag: '"1"' })
    if (method !== 'GET') return problem(response, 'request_invalid')
    return json(response, 200, { sessions: [{ ...summary('http://127.0.0.1:9/'), ...over }] })
  }

t.test('where all is well it says so, with a real broker, a real Chrome and the session in it', async (t) => {
  const site = await startSite()
  t.teardown(() => site.close())
  const broker = await startBroker({ sites: { shop: site } })
  t.teardown(() => broker.close())
  const env = { SESSION_BROKER_KEY: broker.key }
  const to = ['--broker', broker.url, '--chrome', chrome.cdpUrl]

  const before = await doctor(to, env)
  t.match(before.of('session', 'shop'), { level: 'warn', says: /^absent: it has never been signed in to/ })
  t.equal((await site.stats()).loginsStarted, 0, 'to look is not to log in')
  t.equal(before.code, 0, 'a warning is no failure')

  t.equal((await broker.refresh()).status, 200)
  const out = await doctor(to, env)
  t.match(out.of('signed-in'), { level: 'warn', says: /^signed out, and the broker finds the session alive/ })
  t.match(out.of('chrome-user-agent'), { level: /warn|ok/ })
  const job = ['exec', ...to, '--session', 'shop', '--', 'true']
  t.equal(await startWorkerProgram(job, env).ended, 0)

  const well = await doctor(to, env)
  t.equal(well.code, 0)
  t.ok(well.ok)
  for (const look of [
    ...['node', 'broker', 'broker-clock', 'broker-ready', 'key', 'key-refresh', 'key-write', 'session'],
    ...['chrome', 'chrome-origins', 'chrome-profile', 'chrome-cookies', 'signed-in'],
  ])
    t.match(well.of(look), { level: 'ok' }, look)
  t.notMatch(well.text, broker.key)
  t.equal((await site.stats()).loginsStarted, 1)

  const plain = startWorkerProgram(['doctor', ...to], env)
  t.equal(await plain.ended, 0)
  t.match(plain.stdout(), /^ok {4}node: \d+/m)
  t.match(plain.stdout(), new RegExp(`^ok {4}shop in ${chrome.cdpUrl}: signed in$`, 'm'))
  t.match(plain.stdout(), /^0 to put right, \d+ to look at, \d+ well\n$/m)
})

t.test('one thing that fails holds no other up', async (t) => {
  const { code, of, findings } = await doctor(
    ['--broker', noBroker, '--chrome', noChrome, '--chrome', chrome.cdpUrl],
    {},
  )
  t.equal(code, 1)
  t.match(of('key'), { level: 'fail', says: /^The key is missing: .*SESSION_BROKER_KEY/ })
  t.match(of('broker', noBroker), { level: 'fail', says: /cannot be reached: nothing listens there/ })
  t.match(of('chrome', noChrome), {
    level: 'fail',
    says: /^no Chrome answers, nothing listens there: start Chrome with --remote-debugging-port=9/,
  })
  t.match(of('chrome', chrome.cdpUrl), { level: 'ok' })
  t.ok(findings.every(({ says }) => says.length > 0))
})

t.test('the broker: not one, under another name, unready, far away in clear', async (t) => {
  const of = async (url: string, look: string) =>
    (await doctor(['--broker', url, '--chrome', noChrome])).of(look)
  const other = await serve(t, (_request, response) => response.end('<h1>It works</h1>'))
  t.match(await of(other, 'broker'), { level: 'fail', says: /status 200\), and it is no session-broker/ })
  const named = await broker(t, (response) => problem(response, 'host_not_allowed', 'not by this name'))
  t.match(await of(named, 'broker'), {
    level: 'fail',
    says: /does not answer under this name: not by this name/,
  })
  const unready = await broker(t, (response, seen) =>
    seen.url === '/readyz'
      ? problem(response, 'store_unavailable', 'Redis is away')
      : oneSession()(response, seen),
  )
  t.match(await of(unready, 'broker-ready'), { level: 'warn', says: /not ready: Redis is away/ })
  t.match(await of('http://broker.example:8787', 'broker'), { level: 'fail', says: /in clear: use https/ })
  t.match(await of('https://no-such-host.invalid', 'broker'), {
    level: 'fail',
    says: /no such host|could not be resolved/,
  })
  const tcp = createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9\r\n'))
  const ssh = `http://127.0.0.1:${await listening(t, tcp)}`
  t.match(await of(ssh, 'broker'), { level: 'fail', says: /not in HTTP/ })
})

t.test('TLS: an authority of one’s own, another name, none at all', async (t) => {
  const [keyFile, certFile] = [join(temporary, 'key.pem'), join(temporary, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-keyout', keyFile, '-out', certFile, ...subject],
  ])
  const tls = { key: await readFile(keyFile), cert: await readFile(certFile) }
  const server = createTlsServer(tls, (request, response) => {
    const seen = { url: request.url ?? '', method: request.method ?? '', headers: request.headers, body: '' }
    oneSession()(response, seen)
  })
  t.teardown(() => server.closeAllConnections())
  const port = await listening(t, server)
  const of = async (url: string, env = {}) =>
    (await doctorProgram(['--broker', url, '--chrome', noChrome], { SESSION_BROKER_KEY: key, ...env })).of(
      'broker',
    )
  t.match(await of(`https://localhost:${port}`), { level: 'fail', says: /NODE_EXTRA_CA_CERTS=ca\.pem/ })
  const trusting = { NODE_EXTRA_CA_CERTS: certFile }
  t.match(await of(`https://localhost:${port}`, trusting), { level: 'ok' })
  t.match(await of(`https://127.0.0.1:${port}`, trusting), { level: 'fail', says: /is for another name/ })
  const plain = await broker(t, oneSession())
  t.match(await of(plain.replace('http:', 'https:')), { level: 'fail', says: /speaks no TLS there/ })
})

t.test('the key: unknown, without a scope, without a session, in a file', async (t) => {
  const at = async (script: Script, env?: Record<string, string>) =>
    doctor(['--broker', await broker(t, script), '--chrome', noChrome, '--session', 'amazon'], env)
  const unknown = await at((response) => problem(response, 'key_unknown', 'this key is not known'))
  t.match(unknown.of('key'), { level: 'fail', says: /key_unknown: .*compare its SHA-256/ })
  const unreading = await at((response) => problem(response, 'scope_missing', 'the key lacks read'))
  t.match(unreading.of('key'), { level: 'fail', says: /scope_missing: the key lacks read; give the key/ })
  const readOnly = await at((response, seen) =>
    seen.method === 'GET' ? oneSession()(response, seen) : problem(response, 'scope_missing', 'lacks it'),
  )
  t.match(readOnly.of('key-refresh'), { level: 'fail', says: /lacks the scope refresh/ })
  t.match(readOnly.of('key-write'), { level: 'ok', says: /may not write/ })
  const other = await at(oneSession({ session: 'bank' }))
  t.match(other.of('session', 'amazon'), { level: 'fail', says: /no such session, .* it sees bank/ })
  const none = await at((response, seen) =>
    seen.url === '/sessions' ? json(response, 200, { sessions: [] }) : oneSession()(response, seen),
  )
  t.match(none.of('sessions'), { level: 'fail', says: /may see no session/ })

  const file = join(temporary, 'key')
  await writeFile(file, `${key}\n`, { mode: 0o600 })
  t.match((await at(oneSession(), { SESSION_BROKER_KEY_FILE: file })).of('key'), { level: 'ok' })
  const missing = await at(oneSession(), { SESSION_BROKER_KEY_FILE: `${file}-none` })
  t.match(missing.of('key'), { level: 'fail', says: /there is no such file/ })
  const both = await at(oneSession(), { SESSION_BROKER_KEY_FILE: file, SESSION_BROKER_KEY: key })
  t.match(both.of('key'), { level: 'fail', says: /give one of them/ })
})

t.test('clocks that do not go together', async (t) => {
  const skewed = async (seconds: number) => {
    const url = await broker(t, (response, seen) => {
      response.setHeader('date', new Date(Date.now() + seconds * 1_000).toUTCString())
      return oneSession()(response, seen)
    })
    return (await doctor(['--broker', url, '--chrome', noChrome])).of('broker-clock')
  }
  t.match(await skewed(0), { level: 'ok' })
  t.match(await skewed(-30), { level: 'warn', says: /clock is (2\d|3\d) s ahead of the broker’s/ })
  t.match(await skewed(600), {
    level: 'fail',
    says: /clock is (59\d|60\d) s behind the broker’s, .*time server/,
  })
})

t.test('a session that a person has to look at', async (t) => {
  const at = async (over: object) =>
    (await doctor(['--broker', await broker(t, oneSession(over)), '--chrome', noChrome])).of(
      'session',
      'amazon',
    )
  const expiresAt = '2026-01-01T00:05:00Z'
  const challenged = { phase: 'challenged', challenge: { id: 'c', kind: 'code', expiresAt } }
  t.match(await at({ status: 'dead' }), { level: 'warn', says: 'dead: the broker finds it signed out' })
  t.match(await at({ status: 'dead', login: challenged }), {
    level: 'warn',
    says: /waits for a person \(code\)/,
  })
  t.match(await at({ status: 'dead', login: { phase: 'locked_out', class: 'locked' } }), {
    level: 'fail',
    says: /logins are stopped after one that failed \(locked\) until somebody/,
  })
  t.match(await at({ status: 'live' }), { level: 'ok' })
})

t.test('what answers at --chrome is no Chrome', async (t) => {
  const url = await broker(t, oneSession())
  const of = async (address: string) =>
    (await doctor(['--broker', url, '--chrome', address])).of('chrome', address)
  const web = await serve(t, (_request, response) => response.writeHead(404).end('not found'))
  t.match(await of(web), { level: 'fail', says: /what answers there \(status 404\) is no Chrome/ })
  const node = await serve(t, (_request, response) => response.end('{"Browser":"node.js/v24.21.0"}'))
  t.match(await of(node), { level: 'fail', says: /that is Node’s debugger/ })
})

t.test('a Chrome that web pages may use, one open to the network, one under a name', async (t) => {
  const url = await broker(t, oneSession())
  const open = await launchChrome({ headless: true, flags: ['--remote-allow-origins=*'] })
  t.teardown(() => open.close())
  const [address] = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map((each) => each.address)
  const looked = async () => doctor(['--broker', url, '--chrome', open.cdpUrl])
  t.match((await looked()).of('chrome-origins'), { level: 'fail', says: /leave --remote-allow-origins out/ })
  if (address === undefined) return t.comment('this machine has no network to be open to')
  t.match((await looked()).of('chrome-exposed'), { level: 'ok' })
  const forward = createTcpServer((socket) => {
    const onward = connect(open.port, '127.0.0.1')
    socket.pipe(onward).pipe(socket)
    for (const end of [socket, onward]) end.on('error', () => socket.destroy())
  })
  forward.listen(open.port, address)
  await once(forward, 'listening')
  t.teardown(() => forward.close())
  t.match((await looked()).of('chrome-exposed'), { level: 'fail', says: `open to the network at ${address}` })
  const far = await doctor(['--broker', url, '--chrome', `http://${address}:${open.port}`])
  t.match(far.of('chrome-exposed'), { level: 'warn', says: /reached over a network, in clear/ })
})

t.test('a Chrome on the profile of a person', async (t) => {
  const home = join(temporary, 'home')
  const profile = join(home, '.config', 'google-chrome', 'Work')
  await mkdir(profile, { recursive: true })
  const personal = await launchChrome({ headless: true, userDataDir: profile })
  t.teardown(() => personal.close())
  const url = await broker(t, oneSession())
  const { of, code } = await doctorProgram(['--broker', url, '--chrome', personal.cdpUrl], {
    SESSION_BROKER_KEY: key,
    HOME: home,
  })
  t.equal(code, 1)
  t.match(of('chrome-profile'), { level: 'fail', says: /google-chrome\/Work is a person’s own profile/ })
})

t.test('a state that this Chrome would not hold, and nothing is touched by trying', async (t) => {
  const bad = { ...cookie(1), name: '__Host-sid', domain: '.127.0.0.1', secure: false }
  const url = await broker(t, oneSession({}, [cookie(1), bad]))
  const { of, text } = await doctor(['--broker', url, '--chrome', chrome.cdpUrl])
  t.match(of('chrome-cookies'), { level: 'fail', says: /refuses 1 of its 2 cookies: __Host-sid of/ })
  t.match(of('chrome-user-agent'), { level: 'warn', says: /--user-agent="Mozilla\/5\.0"/ })
  t.match(of('signed-in'), { level: 'warn', says: /the site does not tell/ })
  t.notMatch(text, 'of-generation')
})
