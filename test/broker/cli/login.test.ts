import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LocalSite, type SiteOptions, startSite } from '@session-broker/stage/site'
import t, { type Test } from 'tap'
import { until } from '../../redis/until.ts'
import { browsersIn } from '../browser/house/browsers-in.ts'
import { configFolder } from '../config/write-config.ts'
import { startBrokerProgram } from './run-broker-program.ts'

// Each command brings a browser of its own, and one waits for a form that never comes.
t.setTimeout(300_000)
t.jobs = 3

const username = 'canary.user@example.com'
const password = 'canary-password-7Qx'

/** A site, a configuration for it, and the command with it. */
async function openGround(t: Test, options: SiteOptions = {}) {
  const site = await startSite({ accounts: { [username]: password }, ...options })
  t.teardown(() => site.close())
  const { folder, write } = configFolder(t.testdir())
  write('broker.yaml', configOf(site))
  const start = (args: readonly string[], secret: string) =>
    startBrokerProgram([...args, '-c', 'broker.yaml'], { cwd: folder, env: { SHOP: secret } })
  const login = (args: readonly string[] = [], secret = password) =>
    start(['login', 'shop', ...args], secret).ended
  return { site, folder, start, login }
}

function configOf({ loginUrl }: LocalSite): string {
  return `listen: 127.0.0.1:0\nsessions:\n  shop: { login: { url: "${loginUrl}", username: ${username}, password: env:SHOP } }\n`
}

const withoutTimes = (text: string) => text.replace(/^ +\d+\.\d s {2}/gm, '')

t.test('one login is made, told and published', { buffered: true }, async (t) => {
  const { site, login } = await openGround(t)
  const { code, stdout, stderr } = await login(['--explain'])
  t.equal(code, 0, stderr)
  t.equal(stderr, '')
  const told = withoutTimes(stdout).split('\n')
  t.same(told.slice(0, 6), [
    site.loginUrl,
    'read  opened, status 200',
    'read  form: identifier "Username", password "Password", button "Sign in"',
    'did   typed the username',
    'did   typed the password',
    'did   pressed button "Sign in"',
  ])
  t.match(told[6], /^said {2}Hello, •••/)
  t.match(stdout, 'shop is signed in: generation 1 is published')
  t.match(stdout, `check  found out: status 200, no redirect elsewhere at ${site.url}, by plain HTTP`)
  t.match(stdout, /state {2}\d cookies, storage of 1 origin/)
  t.notMatch(stdout, 'canary')

  const quiet = await login()
  t.equal(quiet.code, 0)
  t.match(quiet.stdout, /^shop is signed in: generation 2 is published\n/)
})

t.test('a rejected password is told, held back, and forced', { buffered: true }, async (t) => {
  const { site, login } = await openGround(t)
  const { code, stdout, stderr } = await login(['--explain'], 'wrong-canary-7Qx')
  t.equal(code, 1)
  t.match(stdout, 'said  The username or the password is not right.')
  t.match(stderr, /^shop is not signed in: login_bad_credentials: /)
  t.match(stderr, 'What to do: try the username and password by hand')
  const [, evidence = ''] = /A report and a picture of the page: (.+)/.exec(stderr) ?? []
  t.match(JSON.parse(readFileSync(join(evidence, 'report.json'), 'utf8')), { class: 'bad_credentials' })
  t.notMatch(stdout + stderr, /canary|^\s+at /m)

  const held = await login([], 'wrong-canary-7Qx')
  t.match(held, { code: 1, stdout: '' })
  t.match(held.stderr, 'login_locked_out')
  t.match(held.stderr, 'login --force')
  t.equal(site.stats().loginsStarted, 1)

  const forced = await login(['--force'], 'wrong-canary-7Qx')
  t.match(forced.stderr, 'login_bad_credentials')
  t.match(forced.stderr, 'a login was forced', 'and an audit line says so')
  t.equal(site.stats().loginsStarted, 2)
})

t.test('a page without a form is told, with what to do', { buffered: true }, async (t) => {
  const { login } = await openGround(t, { mode: 'formless' })
  const { code, stdout, stderr } = await login(['--explain'])
  t.equal(code, 1)
  t.match(withoutTimes(stdout), 'read  opened, status 200')
  t.match(stderr, 'login_misconfigured')
  t.match(stderr, 'a recipe names what reading it cannot find')
})

t.test('beside a broker that runs on the same folder none is made', { buffered: true }, async (t) => {
  const { site, start, login } = await openGround(t)
  const broker = start(['serve', '--insecure-no-auth'], password)
  t.teardown(() => broker.child.kill('SIGKILL'))
  await broker.says('stdout', '\n')
  const { code, stderr } = await login(['--explain'])
  t.equal(code, 1)
  t.match(stderr, 'is in use by another broker')
  t.match(stderr, 'POST /session/refresh asks it for one')
  t.equal(site.stats().loginsStarted, 0)
  broker.child.kill('SIGTERM')
  await broker.ended
})

t.test('a login that is interrupted leaves nothing behind, and has failed', { buffered: true }, async (t) => {
  const { folder, start } = await openGround(t, { mode: 'hanging' })
  const command = start(['login', 'shop', '--explain'], password)
  t.teardown(() => command.child.kill('SIGKILL'))
  await until(async () => (await browsersIn(folder)).length > 0)
  command.child.kill('SIGINT')
  const { code, stderr } = await command.ended
  t.equal(code, 1)
  t.match(stderr, 'login_abandoned')
  t.same(await browsersIn(folder), [])
})

t.test('a session that is not there is told with those that are', { buffered: true }, async (t) => {
  const { start } = await openGround(t)
  const { code, stderr } = await start(['login', 'shp'], password).ended
  t.match(
    { code, stderr },
    { code: 1, stderr: 'there is no session shp in the configuration; it has: shop\n' },
  )
})
