import { readFileSync } from 'node:fs'
import { recipeSchema } from '@session-broker/shared'
import t from 'tap'
import { parseDocument } from 'yaml'
import { configSchema } from '../../../apps/broker/src/config/config-schema.ts'
import { loadConfig } from '../../../apps/broker/src/config/load-config.ts'
import { allKeys } from '../../../apps/broker/src/config/schema-walk.ts'
import { configFolder } from './write-config.ts'

const root = new URL('../../../', import.meta.url)
const manual = readFileSync(new URL('docs/configuration.md', root), 'utf8')
const example = new URL('session-broker.example.yaml', root)

const steps = allKeys(recipeSchema.shape.before.unwrap().element)
const isStep = (key: string) => /\.recipe\.(before|after|logout\.steps)\[\]\./.test(key)
const keys = allKeys(configSchema).filter((key) => !isStep(key))
const inManual = (key: string) => key.replace(/^sessions\.NAME\.recipe\./, 'recipe.')

t.test('the manual names every key of the schema', async (t) => {
  t.ok(keys.includes('sessions.NAME.check.expect.text') && keys.includes('keys[].hash'))
  for (const key of keys) t.match(manual, `| \`${inManual(key)}\` |`, key)
  for (const step of steps) t.match(manual, new RegExp(`\`${step}: `), step)
})

t.test('the manual names no key that the schema does not know', async (t) => {
  const named = [...manual.matchAll(/^\| `([A-Za-z.[\]]+)` \|/gm)].map(([, key]) => key)
  t.strictSame(named.toSorted(), keys.map(inManual).toSorted())
})

t.test('the manual tells the defaults as they are', async (t) => {
  const {
    challengeTimeoutMs,
    loginTimeoutMs,
    maxLogins,
    budget,
    serveStaleMs,
    listen,
    data,
    behindTlsProxy,
    browser,
    sessions,
  } = await configFolder(t.testdir()).load(
    'sessions: { a: { login: { url: "https://x", username: a, password: env:P } } }',
  )
  t.match(manual, `| \`loginTimeout\` | \`${loginTimeoutMs / 1000}s\` |`)
  t.match(manual, `| \`maxLogins\` | \`${maxLogins}\` |`)
  t.match(manual, `| \`budget.loginsPerDay\` | \`${budget.loginsPerDay}\` |`)
  t.match(manual, `| \`budget.challengesPerDay\` | \`${budget.challengesPerDay}\` |`)
  t.match(manual, `| \`challenges.timeout\` | \`${challengeTimeoutMs / 60_000}m\` |`)
  t.match(manual, `| \`budget.failedPerDay\` | \`${budget.failedPerDay}\` |`)
  t.match(manual, `| \`serveStale\` | \`${serveStaleMs / 3_600_000}h\` |`)
  const { check, refresh } = sessions.a ?? {}
  t.match(manual, `| \`sessions.NAME.check.every\` | \`${(check?.every ?? 0) / 60_000}m\` |`)
  t.match(manual, `| \`sessions.NAME.refresh.before\` | \`${(refresh?.before ?? 0) / 60_000}m\` |`)
  t.match(manual, `| \`listen\` | \`${listen.host}:${listen.port}\` |`)
  t.match(data, /\/data$/)
  t.match(manual, `| \`behindTlsProxy\` | \`${behindTlsProxy}\` |`)
  t.match(manual, `| \`browser.headless\` | \`${browser.headless}\` |`)
})

t.test('the examples of the manual are valid', async (t) => {
  const config = configFolder(t.testdir())
  const [shortest = '', recipe = ''] = [...manual.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text)
  t.ok(await config.load(shortest))
  config.write('recipe.yaml', parseDocument(recipe).get('recipe')?.toString() ?? '')
  t.ok(await config.load(shortest.replace('  shop:', '  shop:\n    recipe: recipe.yaml')))
})

t.test('the examples of the page on recipes are valid', async (t) => {
  const page = readFileSync(new URL('docs/recipes.md', root), 'utf8')
  const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text)
  const config = configFolder(t.testdir())
  const login = 'login: { url: "https://x", username: a, password: env:P }'
  const kinds = { configuration: 0, check: 0, recipe: 0 }
  for (const text of blocks) {
    const kind = text.startsWith('sessions:')
      ? 'configuration'
      : text.startsWith('check:')
        ? 'check'
        : 'recipe'
    kinds[kind]++
    if (kind === 'recipe') config.write('recipe.yaml', text)
    const part = kind === 'check' ? text.trim() : 'recipe: recipe.yaml'
    const whole = kind === 'configuration' ? text : `sessions:\n  a:\n    ${login}\n    ${part}\n`
    t.ok(await config.load(whole), text)
  }
  t.ok(Object.values(kinds).every(Boolean))
})

t.test('the example is a valid configuration', async (t) => {
  const { sessions, keys } = await loadConfig({ file: example.pathname, cwd: root.pathname })
  t.strictSame(Object.keys(sessions), ['shop', 'supplier'])
  t.strictSame(
    keys.map(({ name }) => name),
    ['worker-1'],
  )
})

t.test('what the example leaves out is valid, too, but for files that are not there', async (t) => {
  const text = readFileSync(example, 'utf8').replace(
    /^# ((?:tls|allowedHosts|redis|lockRedis|secretKey|browser|behindTlsProxy):.*)$/gm,
    '$1',
  )
  const config = configFolder(t.testdir())
  config.write('tls/cert.pem', '')
  config.write('tls/key.pem', '')
  const commented = text.replace('/usr/bin/chromium', process.execPath)
  const { redis, lockRedis, browser } = await config.load(commented, { insecureNoAuth: false })
  t.ok(redis && lockRedis?.length === 3 && browser.args.length === 1)
})
