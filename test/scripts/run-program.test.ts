import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

const runner = fileURLToPath(new URL('../../scripts/run-program.mjs', import.meta.url))

function start(t: Test, args: string[], env: Record<string, string> = {}) {
  const program = { args: ['test/scripts/echo-program.ts', ...args], cwd: tmpdir() }
  const tools = { nodePath: process.execPath, nodeDir: '' }
  const script = `
    import { runProgram } from ${JSON.stringify(runner)}
    process.exitCode = await runProgram(${JSON.stringify(tools)}, ${JSON.stringify(program)})
  `
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Away from the terminal that the tests may run at: the runner leaves a Ctrl-C there to the terminal.
    detached: true,
    env: { ...process.env, ...env },
  })
  t.teardown(() => parent.kill('SIGKILL'))
  const lines: string[] = []
  parent.stdout.on('data', (chunk) => lines.push(...String(chunk).trim().split('\n')))
  return { parent, lines }
}

async function exitCodeOf(parent: ChildProcess): Promise<unknown> {
  const [code] = await once(parent, 'close')
  return code
}

t.test(
  'a program runs where the user stands, with its arguments, and its exit code comes back',
  async (t) => {
    const { parent, lines } = start(t, ['exit', '5', '--config', 'relative.yaml'])
    t.equal(await exitCodeOf(parent), 5)
    const told = JSON.parse(lines[0] ?? '')
    t.match(told, { cwd: tmpdir(), args: ['5', '--config', 'relative.yaml'] })
    t.ok(told.execArgv.includes('--conditions=@session-broker/source'))
  },
)

t.test('what npm adds to the environment stays out, but for the way to the registry', async (t) => {
  const env = {
    npm_config_dry_run: 'true',
    npm_lifecycle_event: 'broker',
    npm_config_proxy: 'http://127.0.0.1:1',
  }
  const { parent, lines } = start(t, ['exit', '0'], env)
  await exitCodeOf(parent)
  const { npm } = JSON.parse(lines[0] ?? '') as { npm: string[] }
  t.ok(npm.includes('npm_config_proxy'))
  t.notOk(npm.includes('npm_config_dry_run'))
  t.notOk(npm.includes('npm_lifecycle_event'))
})

t.test('no shell stands between npm and the runner, where it would keep a signal to itself', async (t) => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  for (const [name, command] of Object.entries(scripts)) t.equal(command, `exec node scripts/run.mjs ${name}`)
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(
    `a ${signal} that only the runner gets reaches the program, once, and the runner waits for it`,
    async (t) => {
      const { parent, lines } = start(t, ['wait'])
      while (lines.length === 0) await sleep(10)
      parent.kill(signal)
      await sleep(50)
      parent.kill(signal)
      t.equal(await exitCodeOf(parent), 7)
      t.same(lines.slice(1), [signal])
    },
  )
}
