import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

export interface Measured {
  /** From the start of the process to the line. */
  tookMs: number
  /** The most that the process and those below it have had in memory by then (VmHWM of each). */
  peakKb: number
}

/**
 * Starts a program with this Node and waits until it says a line of which `isDone` says yes; then ends it. It is halted while its memory
 * is read.
 * @throws Error with what it wrote, where it ends before
 */
export async function measureProcess(
  args: readonly string[],
  { env, isDone }: { env: Record<string, string>; isDone: (line: string) => boolean },
): Promise<Measured> {
  const { PATH = '' } = process.env
  const startMs = performance.now()
  const child = spawn(process.execPath, args, { env: { PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  const said: string[] = []
  const { promise: doneMs, resolve, reject } = Promise.withResolvers<number>()
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      said.push(line)
      if (isDone(line)) resolve(performance.now())
    })
  }
  exited.then(() => reject(new Error(`it ended before it was done, and said:\n${said.join('\n')}`)), reject)
  try {
    const tookMs = (await doneMs) - startMs
    child.kill('SIGSTOP')
    return { tookMs, peakKb: peakOfTree(child.pid ?? 0) }
  } finally {
    child.kill('SIGCONT')
    child.kill('SIGTERM')
    await exited
  }
}

function peakOfTree(pid: number): number {
  const [, kb = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  return Number(kb) + children.reduce((sum, child) => sum + peakOfTree(Number(child)), 0)
}
