import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { FailureClass } from '@session-broker/shared'
import { type BrokerProcess, startBroker } from '@session-broker/stage/broker'
import { startRedis } from '@session-broker/stage/redis'
import t, { type Test } from 'tap'
import { until } from '../redis/until.ts'
import { type Secrets, startTelltaleSite, type TelltaleSite } from './telltale-site.ts'

// Each class of failure on sites that show, in pages and addresses, all that they are given and give: nothing of it may be found in
// what a broker keeps or writes.

t.setTimeout(300_000)

/** First those that are ends of waits, of thirty and ten seconds: the others come meanwhile. */
const classes = [
  'timeout_after_submit',
  'challenge_timeout',
  'bad_credentials',
  'locked',
  'captcha',
  'site_down',
  'not_authenticated',
  'misconfigured',
  'unknown',
] as const satisfies readonly FailureClass[]

/** A store is told the same of each class: a code, a challenge, and two that end at once show how it writes that. */
const asked: Record<'embedded' | 'redis', readonly FailureClass[]> = {
  embedded: classes,
  redis: ['challenge_timeout', 'bad_credentials', 'locked', 'unknown'],
}

for (const store of ['embedded', 'redis'] as const) {
  t.test(`with the ${store} store`, async (t) => {
    const redis = store === 'redis' ? await startRedis() : undefined
    t.teardown(() => redis?.close())
    const sites = await startSites(t, asked[store])
    const broker = await startBroker({
      sites: Object.fromEntries(Object.entries(sites).map(([name, site]) => [name, tested(name, site)])),
      ...(redis && { redisUrl: redis.url, secretKey: 'c'.repeat(64) }),
      ...{ loginTimeout: '30s', maxLogins: 3, challenges: { timeout: '10s' } },
    })
    t.teardown(() => broker.close())
    const data = join(broker.folder, 'data')

    await t.test('each failure leaves a report and a picture, and is logged with their place', async (t) => {
      const pictures = await Promise.all(
        Object.keys(sites).map(async (session) => {
          t.equal(await refreshToEnd(broker, session), `login_${session}`, session)
          return holdsEvidence(t, { broker, data, session })
        }),
      )
      // On a busy machine one or another cannot be taken in time.
      t.ok(pictures.filter(Boolean).length >= asked[store].length / 2)
    })

    const written = { log: broker.said(), ...readAll(data), ...(redis && readAll(redis.dir)) }
    for (const [session, { secrets }] of Object.entries(sites)) {
      t.same(findIn(written, secrets), [], `nothing of ${session} can be read`)
    }
    t.ok(sites.bad_credentials?.secrets.codes.length, 'a code was sent')
    t.match(findIn({ log: sites.locked?.secrets.token ?? '' }, sites.locked?.secrets), ['token in log'])
  })
}

async function startSites(t: Test, classes: readonly FailureClass[]): Promise<Record<string, TelltaleSite>> {
  const all = await Promise.all(classes.map(async (each) => [each, await startTelltaleSite(each)] as const))
  t.teardown(() => {
    for (const [, site] of all) site.close()
  })
  return Object.fromEntries(all)
}

function tested(name: string, { loginUrl, secrets }: TelltaleSite) {
  const { username, password, totp } = secrets
  return { loginUrl, username, password, ...(name !== 'challenge_timeout' && { totp }) }
}

/** @returns whether there is a picture. */
function holdsEvidence(
  t: Test,
  { broker, data, session }: { broker: BrokerProcess; data: string; session: string },
): boolean {
  const [name = '', ...more] = readdirSync(join(data, 'evidence', session))
  t.same(more, [])
  t.match(name, new RegExp(`^20[-\\dT.]+Z-${session}$`))
  t.match(broker.said(), `"evidence":"${join('evidence', session, name)}"`)
  const folder = join(data, 'evidence', session, name)
  t.equal(statSync(folder).mode & 0o777, 0o700)
  const files = readdirSync(folder)
  for (const file of files) t.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file)
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))
  t.match(report, { session, class: session, browser: /^Chromium/, trail: [{ read: /^opened, status/ }] })
  const isPictured = files.includes('page.png')
  if (isPictured) t.match(report.text, 'password: •••', 'and what the page said')
  return isPictured
}

/** The code of its problem, however long it takes. */
async function refreshToEnd(broker: BrokerProcess, session: string): Promise<unknown> {
  const { body, status, headers } = await broker.refresh({}, { session })
  if (status !== 202) return body.code
  let code: unknown
  await until(async () => {
    const operation = await broker.call(headers.get('location') ?? '')
    code = (operation.body.problem as { code?: string } | undefined)?.code
    return code !== undefined
  }, 60_000)
  return code
}

function readAll(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  const paths = files.map((file) => join(file.parentPath, file.name)).filter((path) => !path.endsWith('.png'))
  return Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path, 'latin1')]))
}

/** Which secret stands where, as it is or written otherwise. */
function findIn(written: Record<string, string>, secrets: Secrets | undefined): string[] {
  if (!secrets) throw new Error('there are no secrets to look for')
  const { codes, ...others } = secrets
  return Object.entries(written).flatMap(([place, text]) => [
    ...Object.entries(others)
      .filter(([, secret]) => formsOf(secret).some((form) => text.includes(form)))
      .map(([name]) => `${name} in ${place}`),
    ...codes
      .filter((code) => new RegExp(`(?<!\\d)${code}(?!\\d)`).test(text))
      .map(() => `a code in ${place}`),
  ])
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const base64 = bytes.toString('base64').replace(/=+$/, '')
  return [
    bytes.toString('latin1'),
    base64,
    bytes.toString('base64url'),
    bytes.toString('hex'),
    encodeURIComponent(secret),
  ]
}
