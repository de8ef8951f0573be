import { execFile } from 'node:child_process'
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { pickBrowserEnv } from '@session-broker/chrome'
import { compileCache, type RunningProcess, startProcess } from '@session-broker/stage/process'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))

export interface Following {
  /** From the root of the repository. */
  path: string
  /** What stands on the page, and what is put in its place here: a site, a port, a secret. */
  put: Record<string, string>
}

/** A page of the docs, followed as its reader would, in a folder of its own. What is typed has to stand on the page. */
export interface FollowedPage {
  folder: string
  /** Runs a command to its end. @returns what it said */
  type(command: string, put?: Record<string, string>): Promise<string>
  /** Starts one that goes on. */
  start(command: string, put?: Record<string, string>): Promise<RunningProcess>
  /** Writes the page's configuration to `session-broker.yaml`, below lines of the test's own, and as the test makes it over. */
  writeConfig(above?: string, makeOver?: (yaml: string) => string): Promise<void>
  /** Makes the key that the command asks for, and adds its line to the configuration. */
  createKey(command: string): Promise<string>
  leave(): Promise<void>
}

export async function followPage({ path, put }: Following): Promise<FollowedPage> {
  const folder = await mkdtemp(join(tmpdir(), 'session-broker-page-'))
  const config = join(folder, 'session-broker.yaml')
  const page = await readFile(join(root, path), 'utf8')
  const env = { ...pickBrowserEnv(process.env), ...compileCache, INIT_CWD: folder }
  let anyKey = false

  function asTyped(command: string, more: Record<string, string> = {}): string {
    if (!page.split('\n').includes(command)) throw new Error(`${path} does not say: ${command}`)
    // The reader stands in the repository; here it is elsewhere, so that nothing is written there.
    return replaceAll(command, { ...put, ...more, 'npm run': `npm run --silent --prefix '${root}'` })
  }

  async function type(command: string, more?: Record<string, string>): Promise<string> {
    const { stdout } = await run('bash', ['-c', asTyped(command, more)], { cwd: folder, env })
    return stdout
  }

  return {
    folder,
    type,
    start: (command, more) =>
      startProcess({
        name: command,
        command: 'bash',
        args: ['-c', `exec env ${asTyped(command, more)}`],
        ownGroup: true,
        cwd: folder,
        env,
      }),
    async writeConfig(above = '', makeOver = (yaml) => yaml) {
      const [, yaml = ''] = /```yaml\n([^`]+)```/.exec(page) ?? []
      await writeFile(config, `${above}\n${replaceAll(makeOver(yaml), put)}`)
    },
    async createKey(command) {
      const said = await type(command)
      const line = said.split('\n').find((each) => each.includes('sha256:')) ?? ''
      await appendFile(config, `${anyKey ? '' : 'keys:\n'}${line}\n`)
      anyKey = true
      return /sb_[\w-]{43}/.exec(said)?.[0] ?? ''
    },
    leave: () => rm(folder, { recursive: true, force: true }),
  }
}

function replaceAll(text: string, put: Record<string, string>): string {
  return Object.entries(put).reduce((done, [on, here]) => done.replaceAll(on, () => here), text)
}
