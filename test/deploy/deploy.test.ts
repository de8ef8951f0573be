import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { bundleWorker } from '../../scripts/build/bundle-worker.ts'
import { listFiles } from '../../scripts/check/list-files.ts'
import { problem, startScriptedBroker } from '../client/scripted-broker.ts'

t.setTimeout(300_000)
const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFile(join(root, path), 'utf8')
const folder = await mkdtemp(join(tmpdir(), 'session-broker-deploy-'))
t.teardown(() => rm(folder, { recursive: true, force: true }))

/** The lines of a unit file, as `[section, key, value]`. */
async function readUnit(path: string): Promise<[string, string, string][]> {
  let section = ''
  const lines = (await read(path)).replace(/\s*\\\n\s*/g, ' ').split('\n')
  return lines.flatMap((line): [string, string, string][] => {
    section = /^\[(\w+)\]$/.exec(line)?.[1] ?? section
    const [, key = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? []
    return key ? [[section, key, value]] : []
  })
}

/** The instructions of a Dockerfile, a line each. */
async function readDockerfile(): Promise<string[]> {
  const text = await read('deploy/Dockerfile')
  return text
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter(Boolean)
}

t.test('one file is all that the worker needs beside Node', async (t) => {
  const built = join(folder, 'built.cjs')
  await bundleWorker(built)
  // Nothing of this repository is near it.
  const alone = await mkdtemp(join(tmpdir(), 'session-worker-alone-'))
  t.teardown(() => rm(alone, { recursive: true, force: true }))
  const file = join(alone, 'session-worker.cjs')
  await copyFile(built, file)
  const options = { cwd: alone, env: { PATH: process.env.PATH, HOME: alone } }
  const { stdout } = await run(process.execPath, [file, '--help'], options)
  for (const command of ['run', 'exec', 'status', 'capture', 'doctor']) t.match(stdout, command)

  const broker = await startScriptedBroker((response) => problem(response, 'key_unknown', 'not known'))
  t.teardown(broker.close)
  const keyFile = join(alone, 'key')
  await writeFile(keyFile, 'sb_of-a-file\n')
  const env = { ...options.env, SESSION_BROKER_KEY_FILE: keyFile }
  const to = ['--broker', broker.url, '--session', 'shop', '--chrome', 'http://127.0.0.1:9']
  for (const command of [['run'], ['exec', '--', 'true'], ['doctor'], ['status']]) {
    const [name = '', ...rest] = command
    const args = [file, name, ...(name === 'status' ? to.slice(0, 4) : to), ...rest]
    const failed = await run(process.execPath, args, { ...options, env }).catch((error) => error)
    t.equal(failed.code, 1, `${name} runs, and ends`)
    t.match(failed.stdout + failed.stderr, 'not known', `${name} has asked the broker`)
  }
  t.match(broker.seen[0]?.headers.authorization, 'Bearer sb_of-a-file', 'with the key of the file')
})

t.test('the image is made of what is there, as nobody special, without a key', async (t) => {
  const instructions = await readDockerfile()
  const stages = instructions.flatMap((line) => /^FROM (\S+) AS (\S+)$/.exec(line)?.slice(1) ?? [])
  t.same(
    stages.filter((_each, index) => index % 2 === 1),
    ['build', 'with-chromium', 'worker'],
  )
  t.ok(stages.filter((_each, index) => index % 2 === 0).every((image) => image === 'node:24-bookworm-slim'))
  const { scripts } = JSON.parse(await read('package.json'))
  for (const [, script = ''] of instructions.join('\n').matchAll(/npm run (\w+)/g))
    t.ok(scripts[script], script)
  const copied = instructions.filter((line) => line.startsWith('COPY --from=build'))
  t.equal(copied.length, 2)
  const outfile = /dist\/[\w.-]+/.exec(await read('scripts/build/run-build.ts'))?.[0]
  for (const line of copied) t.match(line, `COPY --from=build /src/apps/worker/${outfile} /usr/local/lib/`)
  t.equal(instructions.filter((line) => line === 'USER node').length, 2)
  const entry = instructions.filter((line) => line.startsWith('ENTRYPOINT '))
  for (const line of entry)
    t.equal(JSON.parse(line.replace('ENTRYPOINT ', ''))[0], 'node', 'no shell in between')
  t.notMatch(instructions.join('\n'), /SESSION_BROKER_KEY|^ENV|^ARG/m)
})

t.test('what the image must not hold does not get near it', async (t) => {
  const ignored = (await read('.dockerignore')).split('\n').filter((line) => line && !line.startsWith('#'))
  for (const name of ['**/node_modules', '.git', 'data', 'session-broker.yaml', '**/.env*', '**/*.key'])
    t.ok(ignored.includes(name), name)
  const needed = await listFiles(
    root,
    'package.json',
    'pnpm-lock.yaml',
    'scripts/*',
    'apps/worker/*',
    'packages/*',
  )
  const kept = (path: string) => !ignored.some((rule) => path === rule || path.startsWith(`${rule}/`))
  t.ok(needed.length > 50)
  t.same(
    needed.filter((path) => !kept(path)),
    [],
    'and what the build needs does',
  )
})

t.test('the units start what there is, and the worker’s is shut in', async (t) => {
  const worker = await readUnit('deploy/session-worker.service')
  const settingOf = (unit: typeof worker, name: string) => unit.find(([, key]) => key === name)?.[2]
  t.match(
    settingOf(worker, 'ExecStart'),
    /^\/usr\/bin\/node --lite-mode \S+\/session-worker\.cjs run --broker https:/,
  )
  t.equal(settingOf(worker, 'Environment'), 'SESSION_BROKER_KEY_FILE=%d/broker-key')
  t.match(settingOf(worker, 'LoadCredential'), /^broker-key:\//)
  for (const [key, value] of [
    ...[
      ['NoNewPrivileges', 'yes'],
      ['ProtectSystem', 'strict'],
      ['CapabilityBoundingSet', ''],
    ],
    ...[
      ['KillMode', 'mixed'],
      ['RestartPreventExitStatus', '2'],
      ['DynamicUser', 'yes'],
    ],
  ] as const)
    t.equal(settingOf(worker, key), value, key)
  const broker = await readUnit('deploy/session-broker.service')
  const [, main = ''] = /(\S+main\.ts) serve/.exec(settingOf(broker, 'ExecStart') ?? '') ?? []
  t.same(await listFiles(root, main), [main])
  t.equal(settingOf(broker, 'KillMode'), 'mixed')
})

t.test('systemd takes the units', async (t) => {
  const there = await run('systemd-analyze', ['--version']).catch(() => undefined)
  if (!there) return t.comment('there is no systemd-analyze on this machine: the units were read above')
  for (const name of ['session-worker', 'session-broker']) {
    // What it starts need not be installed here.
    const unit = (await read(`deploy/${name}.service`)).replaceAll('/usr/bin/node', process.execPath)
    const file = join(folder, `${name}.service`)
    await writeFile(file, unit)
    const verified = await run('systemd-analyze', ['verify', file]).catch((error) => error)
    t.notMatch(verified.stderr, `${name}.service`, verified.stderr)
  }
})
