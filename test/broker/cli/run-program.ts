import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface RunningProgram {
  child: ChildProcess
  /** What it has written so far. */
  written: { stdout: string; stderr: string }
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>
  /** Waits for a text on one of the streams. @throws when the program ends before. */
  says(stream: 'stdout' | 'stderr', text: string): Promise<void>
}

const main = fileURLToPath(new URL('../../../apps/broker/src/main.ts', import.meta.url))

export interface ProgramOptions {
  cwd: string
  env?: Record<string, string>
  /** Another file than the broker's main.ts. */
  file?: string
}

/** Starts the broker's program as a process of its own, with an environment of its own. */
export function startProgram(
  args: readonly string[],
  { cwd, env = {}, file = main }: ProgramOptions,
): RunningProgram {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, ['--conditions=@session-broker/source', file, ...args], {
    cwd,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const written = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => (written.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (written.stderr += text))
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, ...written }))
  })
  async function says(stream: 'stdout' | 'stderr', text: string): Promise<void> {
    while (!written[stream].includes(text)) {
      const isOver = await Promise.race([
        ended.then(() => true),
        once(child[stream], 'data').then(() => false),
      ])
      if (isOver && !written[stream].includes(text)) {
        throw new Error(`ended without "${text}":\n${written.stdout}${written.stderr}`)
      }
    }
  }
  return { child, written, ended, says }
}

/** Runs it to its end. */
export function runProgram(args: readonly string[], options: ProgramOptions): RunningProgram['ended'] {
  return startProgram(args, options).ended
}
