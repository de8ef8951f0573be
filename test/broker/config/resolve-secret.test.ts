import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { ProblemError } from '@session-broker/shared'
import t, { type Test } from 'tap'
import { createSecretResolver } from '../../../apps/broker/src/config/resolve-secret.ts'
import { configFolder } from './write-config.ts'

const { folder, write } = configFolder(t.testdir())
const canary = 'cAn4ry'
const env: Record<string, string> = {
  PATH: process.env.PATH ?? '',
  HOME: '/home/someone',
  LC_TIME: 'C',
  SECRET: canary,
  EMPTY: '',
}
const resolve = createSecretResolver({ env, baseFolder: folder, timeoutMs: 400 })
const cmd = (...words: string[]) => `cmd:${JSON.stringify(words)}`

/** The message of the refusal; nothing of the error may hold the canary. */
async function refusal(t: Test, reference: string): Promise<string> {
  try {
    await resolve(reference)
  } catch (error) {
    t.ok(error instanceof ProblemError && error.code === 'login_misconfigured', 'is login_misconfigured')
    t.notMatch(inspect(error, { depth: 9, showHidden: true }), canary)
    return error instanceof Error ? error.message : ''
  }
  throw new Error(`${reference} was resolved`)
}

t.test('env: gives a variable, as it is now', async (t) => {
  t.equal(await resolve('env:SECRET'), canary)
  env.LATER = 'one'
  t.equal(await resolve('env:LATER'), 'one')
  env.LATER = 'two'
  t.equal(await resolve('env:LATER'), 'two', 'nothing is kept')
  t.equal(await refusal(t, 'env:NOT_SET'), 'env:NOT_SET is not set in the environment of the broker')
  t.equal(await refusal(t, 'env:EMPTY'), 'env:EMPTY is empty')
})

t.test('file: gives the content without its last line break', async (t) => {
  const absolute = write('secrets/a', `${canary} \n`)
  write('secrets/b', `${canary}\r\n`)
  write('secrets/c', `${canary}\n\n`)
  t.equal(await resolve('file:secrets/a'), `${canary} `, 'relative to the config')
  t.equal(await resolve(`file:${absolute}`), `${canary} `)
  t.equal(await resolve('file:./secrets/b'), canary)
  t.equal(await resolve('file:secrets/c'), `${canary}\n`, 'only one')
  write('secrets/a', 'changed')
  t.equal(await resolve('file:secrets/a'), 'changed', 'nothing is kept')
})

t.test('file: refuses what is no file with a secret', async (t) => {
  write('secrets/empty', '\n')
  write('secrets/large', canary.repeat(20_000))
  execFileSync('sh', ['-c', 'mkfifo "$0"', join(folder, 'secrets/pipe')])
  t.equal(await refusal(t, 'file:secrets/none'), 'file:secrets/none does not exist')
  t.equal(await refusal(t, 'file:secrets'), 'file:secrets is not a file')
  t.equal(await refusal(t, 'file:secrets/pipe'), 'file:secrets/pipe is not a file')
  t.equal(await refusal(t, 'file:secrets/empty'), 'file:secrets/empty is empty')
  t.equal(await refusal(t, 'file:secrets/large'), 'file:secrets/large is larger than 64 KiB')
})

t.test('cmd: gives what a program prints, by no shell', async (t) => {
  t.equal(await resolve(cmd('printf', '%s\\n', '$HOME; a "b"')), '$HOME; a "b"')
  write('bin/secret', '#!/bin/sh\ncat "$1"\n', 0o755)
  write('given', `${canary}\n`)
  t.equal(
    await resolve(cmd('./bin/secret', 'given')),
    canary,
    'program and arguments from the folder of the config',
  )
  t.equal(await resolve(cmd('sh', '-c', 'cat; echo end')), 'end', 'standard input is empty')
})

t.test('cmd: gives the program a small environment, without the secrets of the broker', async (t) => {
  const seen = await resolve(cmd('env'))
  t.match(seen, 'HOME=/home/someone')
  t.match(seen, 'LC_TIME=C')
  t.notMatch(seen, canary)
})

t.test('cmd: tells why a program gave nothing, and nothing of what it wrote', async (t) => {
  write('bin/plain', 'no program')
  const sh = (script: string) => cmd('sh', '-c', script)
  t.equal(
    await refusal(t, sh(`echo ${canary}; echo ${canary} >&2; exit 3`)),
    'cmd:["sh", …] ended with exit code 3',
  )
  t.equal(await refusal(t, sh('true')), 'cmd:["sh", …] is empty')
  t.equal(await refusal(t, sh(`kill -9 $$; echo ${canary}`)), 'cmd:["sh", …] could not be run to its end')
  t.equal(
    await refusal(t, cmd('no-such-program')),
    'cmd:["no-such-program"] names a program that does not exist',
  )
  t.equal(await refusal(t, cmd('./bin/plain')), 'cmd:["./bin/plain"] names a program that may not be run')
  t.equal(await refusal(t, sh('head -c 100000 /dev/zero')), 'cmd:["sh", …] printed more than 64 KiB')
})

t.test('cmd: is bounded, also where the program has left another one behind', async (t) => {
  const started = performance.now()
  t.equal(await refusal(t, cmd('sleep', '3')), 'cmd:["sleep", …] did not end within 0.4 s')
  t.equal(await refusal(t, cmd('sh', '-c', 'sleep 3 & sleep 3')), 'cmd:["sh", …] did not end within 0.4 s')
  t.ok(performance.now() - started < 2_500)
})

t.test('a text that is no reference stands for itself', async (t) => {
  t.equal(await resolve('anna@example.com'), 'anna@example.com')
  t.equal(await resolve('environment:x'), 'environment:x')
})
