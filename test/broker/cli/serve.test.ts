import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { configFolder, hash, shop } from '../config/write-config.ts'
import { runBrokerProgram, startBrokerProgram } from './run-broker-program.ts'

const { folder, write } = configFolder(t.testdir())
const sessions = `browser: { executable: ${JSON.stringify(process.execPath)} }\nsessions:\n  ${shop}\n`
const serve = ['serve', '--insecure-no-auth', '--config']

t.test('serve says where it listens, answers there, and ends with 0', async (t) => {
  write('free-port.yaml', `listen: 127.0.0.1:0\n${sessions}`)
  const broker = startBrokerProgram([...serve, 'free-port.yaml'], { cwd: folder, env: { SHOP: 'cAn4ry' } })
  t.teardown(() => broker.child.kill('SIGKILL'))
  await broker.says('stdout', '\n')
  const [, url = ''] =
    /^session-broker listens on (http:\/\/127\.0\.0\.1:\d+) \(API: \1\/docs\)\n$/.exec(
      broker.written.stdout,
    ) ?? []
  t.equal((await fetch(`${url}/livez`)).status, 200)
  t.ok(existsSync(join(folder, 'data')), 'its data stand beside the config')

  const second = await runBrokerProgram([...serve, 'free-port.yaml'], { cwd: folder })
  t.equal(second.code, 1)
  t.match(second.stderr, 'is in use by another broker')
  t.notMatch(second.stderr, /^\s+at /m, 'no stack')

  write('taken-port.yaml', `listen: ${new URL(url).host}\ndata: other\n${sessions}`)
  const third = await runBrokerProgram([...serve, 'taken-port.yaml'], { cwd: folder })
  t.equal(third.code, 1)
  t.match(third.stderr, `listen: ${new URL(url).host} is taken by another program`)
  t.notMatch(third.stderr, /^\s+at /m, 'no stack')

  broker.child.kill('SIGTERM')
  const { code, stdout, stderr } = await broker.ended
  t.equal(code, 0)
  t.equal(stdout.split('\n').length, 2, 'one line on stdout')
  for (const line of stderr.trim().split('\n'))
    t.ok(JSON.parse(line), 'the log is JSON where nobody looks on')
  t.notMatch(stderr, 'cAn4ry')
})

t.test('serve refuses to start without keys, and beyond loopback', async (t) => {
  write('session-broker.yaml', sessions)
  const withoutKeys = await runBrokerProgram(['serve'], { cwd: folder })
  t.match(withoutKeys, { code: 1, stdout: '' })
  t.match(withoutKeys.stderr, 'keys: wants at least one key; make one with: session-broker keys create')
  write('open.yaml', `listen: 0.0.0.0:0\n${sessions}`)
  const open = await runBrokerProgram([...serve, 'open.yaml'], { cwd: folder })
  t.match(open, { code: 1, stdout: '' })
  t.match(open.stderr, 'listen: --insecure-no-auth works on loopback only')
  t.match(open.stderr, 'listen: beyond loopback, keys and sessions would cross the network in clear')
})

t.test('serve can be stopped while it starts', async (t) => {
  write('early.yaml', `listen: 127.0.0.1:0\ndata: early\n${sessions}`)
  const broker = startBrokerProgram([...serve, 'early.yaml'], { cwd: folder })
  t.teardown(() => broker.child.kill('SIGKILL'))
  await broker.says('stderr', 'no keys')
  broker.child.kill('SIGINT')
  t.match(await broker.ended, { code: 0, stdout: '' })
})

t.test('an address that the machine does not have is told by its key', async (t) => {
  // 192.0.2.0/24 is for documentation (RFC 5737): nobody has it.
  write(
    'elsewhere.yaml',
    `listen: 192.0.2.1:8787\nbehindTlsProxy: true\ndata: elsewhere\nkeys: [{ name: a, hash: "${hash('a')}", scopes: [read] }]\n${sessions}`,
  )
  const { code, stderr } = await runBrokerProgram(['serve', '--config', 'elsewhere.yaml'], { cwd: folder })
  t.equal(code, 1)
  t.equal(stderr, 'listen: 192.0.2.1:8787 is no address of this machine\n')
})
