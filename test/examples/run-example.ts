import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findChrome, pickBrowserEnv } from '@session-broker/chrome'
import type { BrokerProcess } from '@session-broker/stage/broker'
import { compileCache } from '@session-broker/stage/process'

const folder = fileURLToPath(new URL('../../examples', import.meta.url))
const run = promisify(execFile)
const { path: chromePath } = await findChrome()

export interface ExampleOptions {
  broker: Pick<BrokerProcess, 'url' | 'key'>
  env?: Record<string, string>
}

/** Runs a command where the examples stand, as their reader would; gives what it prints, and throws when it fails. */
export async function runExample(
  command: string,
  args: readonly string[],
  { broker, env = {} }: ExampleOptions,
): Promise<string> {
  const { stdout } = await run(command, args, {
    cwd: folder,
    timeout: 240_000,
    env: {
      ...pickBrowserEnv(process.env),
      ...compileCache,
      SESSION_BROKER_URL: broker.url,
      SESSION_BROKER_KEY: broker.key,
      CHROME_PATH: chromePath,
      ...env,
    },
  })
  return stdout
}

/** `node FILE`, with the packages of this repository taken from their sources. */
export function runNode(args: readonly string[], options: ExampleOptions): Promise<string> {
  return runExample(process.execPath, ['--conditions=@session-broker/source', ...args], options)
}
