import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { until } from '../../client/scripted-broker.ts'

export interface Line {
  level: string
  message: string
  [field: string]: unknown
}

export const key = 'sb_this-key-is-shown-nowhere'
const main = fileURLToPath(new URL('../../../apps/worker/src/main.ts', import.meta.url))

/** The worker as a process of its own. */
export function startWorkerProgram(
  args: readonly string[],
  env: Record<string, string> = { SESSION_BROKER_KEY: key },
) {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env
  const child = spawn(process.execPath, ['--conditions=@session-broker/source', main, ...args], {
    env: { PATH, HOME, TMPDIR, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const ended = once(child, 'close').then(([code]) => code as number | null)

  const lines = () =>
    stderr
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Line)

  return {
    stdout: () => stdout,
    stderr: () => stderr,
    lines,
    said: (message: string) => lines().filter((line) => line.message === message),
    /** The nth line with this message. */
    async line(message: string, nth = 1): Promise<Line> {
      const found = () => lines().filter((line) => line.message === message)
      await until(() => found().length >= nth || child.exitCode !== null, 30_000)
      const line = found()[nth - 1]
      if (!line) throw new Error(`it ended before it said "${message}": ${stderr}`)
      return line
    },
    ended,
    stop(signal: NodeJS.Signals = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
}
