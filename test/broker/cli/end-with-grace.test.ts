import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startProgram } from './run-program.ts'

const file = fileURLToPath(new URL('ending-program.ts', import.meta.url))

async function ready(...args: string[]) {
  const program = startProgram(args, { cwd: '/', file })
  t.teardown(() => program.child.kill('SIGKILL'))
  await program.says('stdout', 'ready')
  return program
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal} lets the program stop and ends it with 0`, async (t) => {
    const { child, ended } = await ready('in half a second')
    child.kill(signal)
    t.match(await ended, { code: 0, stdout: 'ready\nstopped\n' })
  })
}

t.test('one Ctrl-C that comes twice, as by npm, counts once', async (t) => {
  const { child, ended, says } = await ready('in half a second')
  child.kill('SIGINT')
  await says('stderr', 'stopping')
  child.kill('SIGINT')
  child.kill('SIGTERM')
  t.match(await ended, { code: 0, stdout: 'ready\nstopped\n' })
})

t.test('a second signal more than a second later ends it at once', async (t) => {
  const { child, ended, says } = await ready('never')
  child.kill('SIGINT')
  await says('stderr', 'stopping')
  await wait(1_100)
  child.kill('SIGTERM')
  t.match(await ended, { code: 128 + 15, stdout: 'ready\n', stderr: /a second signal/ })
})

t.test('a stop that takes too long is cut off', async (t) => {
  const { child, ended } = await ready('never')
  child.kill('SIGTERM')
  t.match(await ended, { code: 1, stderr: /could not stop in time/ })
})

t.test('a stop that fails is told', async (t) => {
  const { child, ended } = await ready('badly')
  child.kill('SIGTERM')
  t.match(await ended, { code: 1, stderr: /it is stuck.*could not stop cleanly/ })
})

t.test('an error that nobody caught stops the program, with 1', async (t) => {
  const { ended } = await ready('in half a second', 'with an error')
  t.match(await ended, { code: 1, stdout: 'ready\nstopped\n', stderr: /nobody caught this/ })
})
