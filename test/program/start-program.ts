import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { compileCache } from '@session-broker/stage/process'

export interface RunningProgram {
  child: ChildProcess
  /** What it has written so far. */
  written: { stdout: string; stderr: string }
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>
  /** Waits for a text on one of the streams. @throws when the program ends before. */
  says(stream: 'stdout' | 'stderr', text: string): Promise<void>
}

export interface ProgramOptions {
  cwd: string
  env?: Record<string, string>
}

/** Starts a program as a process of its own, with an environment of its own. */
export function startProgram(
  file: string,
  args: readonly string[],
  { cwd, env = {} }: ProgramOptions,
): RunningProgram {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, ['--conditions=@session-broker/source', file, ...args], {
    cwd,
    env: { PATH, HOME, ...compileCache, ...env },
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
