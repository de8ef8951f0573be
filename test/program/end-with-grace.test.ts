import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startProgram } from './start-program.ts'

const file = fileURLToPath(new URL('ending-program.ts', import.meta.url))

async function ready(how: string, { graceMs = 60_000, trouble = '' } = {}) {
  const program = startProgram(file, [how, String(graceMs), trouble], { cwd: '/' })
  t.teardown(() => program.child.kill('SIGKILL'))
  await program.says('stdout', 'ready')
  return program
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  t.test(`${signal} lets the program stop and ends it with 0`, async (t) => {
    const { child, ended } = await ready('in half a second')
    child.kill(signal)
    t.match(await ended, {
      code: 0,
      stdout: 'ready\nstopped\n',
      stderr: new RegExp(`"reason":"${signal}","message":"stopping"`),
    })
  })

  t.test(`one ${signal} that comes twice, as by npm or a terminal, counts once`, async (t) => {
    const { child, ended, says } = await ready('in half a second')
    child.kill(signal)
    await says('stderr', 'stopping')
    child.kill(signal)
    child.kill('SIGTERM')
    t.match(await ended, { code: 0, stdout: 'ready\nstopped\n' })
  })
}

t.test('a second signal more than a second later ends it at once', async (t) => {
  const { child, ended, says } = await ready('never')
  child.kill('SIGINT')
  await says('stderr', 'stopping')
  await wait(1_100)
  child.kill('SIGTERM')
  t.match(await ended, { code: 128 + 15, stdout: 'ready\n', stderr: /a second signal/ })
})

t.test('a stop that takes too long is cut off', async (t) => {
  const { child, ended } = await ready('never', { graceMs: 500 })
  child.kill('SIGTERM')
  t.match(await ended, { code: 1, stderr: /"durationMs":500,"message":"could not stop in time/ })
})

t.test('a stop that fails is told', async (t) => {
  const { child, ended } = await ready('badly')
  child.kill('SIGTERM')
  t.match(await ended, { code: 1, stderr: /it is stuck.*could not stop cleanly/ })
})

t.test('an error that nobody caught stops the program, with 1', async (t) => {
  const { ended } = await ready('in half a second', { trouble: 'with an error' })
  t.match(await ended, { code: 1, stdout: 'ready\nstopped\n', stderr: /nobody caught this/ })
})

t.test('a signal after such an error does not stop it a second time', async (t) => {
  const { child, ended, says } = await ready('in half a second', { trouble: 'with an error' })
  await says('stderr', 'nobody caught this')
  child.kill('SIGTERM')
  t.match(await ended, { code: 1, stdout: 'ready\nstopped\n' })
})

t.test('a program left to itself again dies of a signal', async (t) => {
  const { child, ended } = await ready('in half a second', { trouble: 'uninstalled' })
  child.kill('SIGTERM')
  t.match(await ended, { code: null, stdout: 'ready\n' })
})
