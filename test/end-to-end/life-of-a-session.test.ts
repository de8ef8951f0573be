import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startBroker } from '@session-broker/stage/broker'
import { startSite } from '@session-broker/stage/site'
import t from 'tap'

/** One broker on its embedded store, one site, and the site's own counters. */
const site = await startSite()
const broker = await startBroker({ sites: { shop: site } })
t.teardown(() => broker.close())
t.teardown(() => site.close())

const status = async () => (await broker.call('/session')).body.status
const cookies = () => broker.call('/session/cookies')

t.test('there is nothing yet', async (t) => {
  t.equal(await status(), 'absent')
  t.equal(site.stats().loginsStarted, 0, 'a broker logs in when it is asked to, not at its start')
})

t.test('the first who asks for the cookies starts the first login', async (t) => {
  const answer = await broker.call('/session/cookies', { headers: { prefer: 'wait=60' } })
  t.equal(answer.status, 200)
  t.match(answer.body, { session: 'shop', generation: 1, revision: 0 })
  t.match(answer.headers.get('etag'), /^"1\.0-[0-9a-f]+"$/)
  t.equal(await status(), 'live')
  t.match((await broker.call('/session')).body, { check: { url: `${site.url}/` }, login: { phase: 'idle' } })
})

t.test('a refresh of a session that is alive logs in nowhere', async (t) => {
  t.match((await broker.refresh({ generation: 1 })).body, { generation: 1, outcome: 'alive' })
  t.equal(site.stats().loginsStarted, 1)
})

t.test('50 refreshes of a dead one cause one login, and all get its result', async (t) => {
  site.killSessions()
  const answers = await Promise.all(Array.from({ length: 50 }, () => broker.refresh({ generation: 1 })))
  t.same(new Set(answers.map(({ status }) => status)), new Set([200]))
  t.same(new Set(answers.map(({ body }) => body.generation)), new Set([2]))
  t.equal(site.stats().loginsStarted, 2)
  t.equal(site.stats().maxInFlight, 1)
})

t.test('who saw an older generation fail gets the newer one at once', async (t) => {
  t.match((await broker.refresh({ generation: 1 })).body, { generation: 2, outcome: 'newer' })
  t.match(await broker.refresh({ generation: 3 }), { status: 409, body: { code: 'generation_ahead' } })
  t.equal(site.stats().loginsStarted, 2)
})

t.test('a refresh that takes long is answered 202 with its operation', async (t) => {
  site.killSessions()
  site.change({ loginDelayMs: 1_500 })
  const answer = await broker.refresh({ generation: 2 }, { headers: { prefer: 'wait=0' } })
  t.equal(answer.status, 202)
  const location = answer.headers.get('location') ?? ''
  t.match((await broker.call(location)).body, { status: 'running', session: 'shop' })
  t.match((await broker.refresh({ generation: 2 })).body, { generation: 3, outcome: 'renewed' })
  t.match((await broker.call(location)).body, { status: 'succeeded', result: { generation: 3 } })
  site.change({ loginDelayMs: 0 })
})

t.test('a site that is down is no reason for a login', async (t) => {
  const before = site.stats().loginsStarted
  site.change({ mode: 'down' })
  t.match(await broker.refresh({ generation: 3 }), { status: 503, body: { code: 'check_unclear' } })
  t.equal(await status(), 'unknown')
  site.change({ mode: 'ok' })
  t.match((await broker.refresh({ generation: 3 })).body, { outcome: 'alive' })
  t.equal(site.stats().loginsStarted, before)
})

t.test('a rejected password says so, and the last generation stays served', async (t) => {
  site.killSessions()
  site.setPassword(site.username, 'changed at the site')
  const answer = await broker.refresh({ generation: 3 })
  t.match(answer, { status: 409, body: { code: 'login_bad_credentials' } })
  const served = await cookies()
  t.equal(served.status, 200)
  t.equal(served.headers.get('session-status'), 'dead')
  t.equal(served.body.generation, 3)
  t.match((await broker.call('/session')).body, { login: { phase: 'locked_out', class: 'bad_credentials' } })
})

t.test('it is not sent again, right or not by now, until an operator says so', async (t) => {
  const before = site.stats().loginsStarted
  site.setPassword(site.username, site.password)
  const answers = await Promise.all(Array.from({ length: 5 }, () => broker.refresh({ generation: 3 })))
  for (const answer of answers) t.match(answer, { status: 409, body: { code: 'login_locked_out' } })
  t.equal(site.stats().loginsStarted, before)
  const reset = await broker.call('/session/reset', { method: 'POST', body: { reason: 'it was the site' } })
  t.match(reset, { status: 200, body: { login: { phase: 'idle' }, budget: { failedLeft: 2 } } })
  t.match((await broker.refresh({ generation: 3 })).body, { generation: 4, outcome: 'renewed' })
})

t.test('force logs in though the check says alive', async (t) => {
  t.match((await broker.refresh({ generation: 4, force: true })).body, { generation: 5, outcome: 'renewed' })
})

t.test('what the broker keeps and says holds no secret', async (t) => {
  const { body } = await cookies()
  const values = (body.cookies as { name: string; value: string }[]).filter(({ name }) => name === 'sid')
  const secrets = [site.password, broker.key, ...values.map(({ value }) => value)]
  t.equal(secrets.length, 3)
  const folder = join(broker.folder, 'data')
  // The profile of the login's browser is there too, and has links to what is no file.
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  t.ok(paths.some((path) => path.includes('/browser/')))
  const files = await Promise.all(paths.map((path) => readFile(path, 'latin1')))
  for (const secret of secrets) {
    t.notOk(files.some((text) => text.includes(secret)))
    t.notOk(broker.said().includes(secret))
  }
})

t.test('kill -9 loses nothing that was acknowledged', async (t) => {
  const before = await cookies()
  const logins = site.stats().loginsStarted
  await broker.kill9()
  const again = await startBroker({ sites: { shop: site }, folder: broker.folder })
  t.teardown(() => again.close())
  const after = await again.call('/session/cookies')
  t.same(after.body, before.body)
  t.equal(after.headers.get('etag'), before.headers.get('etag'))
  t.match((await again.refresh({ generation: 5 })).body, { outcome: 'alive' })
  t.equal(site.stats().loginsStarted, logins)
})
