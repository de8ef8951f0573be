import { fileURLToPath } from 'node:url'
import { until } from '../../client/scripted-broker.ts'
import { startProgram } from '../../program/start-program.ts'

export interface Line {
  level: string
  message: string
  [field: string]: unknown
}

export const key = 'sb_this-key-is-shown-nowhere'
export const workerMain = fileURLToPath(new URL('../../../apps/worker/src/main.ts', import.meta.url))

/** The worker as a process of its own. */
export function startWorkerProgram(
  args: readonly string[],
  env: Record<string, string> = { SESSION_BROKER_KEY: key },
) {
  const { TMPDIR = '/tmp' } = process.env
  const { child, written, ended } = startProgram(workerMain, args, { cwd: '/', env: { TMPDIR, ...env } })
  const code = ended.then((end) => end.code)

  const lines = () =>
    written.stderr
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Line)

  return {
    child,
    pid: child.pid ?? 0,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    lines,
    said: (message: string) => lines().filter((line) => line.message === message),
    /** The nth line with this message. */
    async line(message: string, nth = 1, withinMs = 90_000): Promise<Line> {
      const found = () => lines().filter((line) => line.message === message)
      await until(() => found().length >= nth || child.exitCode !== null, withinMs)
      const line = found()[nth - 1]
      if (!line) throw new Error(`it ended before it said "${message}": ${written.stderr}`)
      return line
    },
    ended: code,
    /** Its exit code, and all that it has written. */
    whole: ended,
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    stop(signal: NodeJS.Signals = 'SIGTERM') {
      child.kill(signal)
      return code
    },
  }
}
