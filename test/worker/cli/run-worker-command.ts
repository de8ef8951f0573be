import { runCommandLine } from '@session-broker/program/command-line'
import { createProgram } from '../../../apps/worker/src/cli/program.ts'
import { key } from './run-worker-program.ts'

/** A command that starts no worker, in this process: the same as the program, without its start. */
export async function runWorkerCommand(
  args: readonly string[],
  env: Record<string, string> = { SESSION_BROKER_KEY: key },
): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' }
  const stream = (name: keyof typeof written) => ({ write: (text: string) => (written[name] += text) })
  const streams = { stdout: stream('stdout'), stderr: stream('stderr') }
  let endsWith = 0
  const program = createProgram({
    ...{ env, version: '0.0.0', nodeVersion: process.versions.node, ...streams },
    startWorker: () => Promise.reject(new Error('a worker is a program of its own')),
    endWith(code) {
      endsWith = code
    },
  })
  const code = await runCommandLine(program, { args, ...streams })
  return { code: code || endsWith, ...written }
}
