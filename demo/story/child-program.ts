import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** One JSON line that a broker or worker has logged. */
export interface LogLine {
  time: number
  msg: string
  [field: string]: unknown
}

/** A broker or worker as a process of its own, with the lines that it logs. */
export interface ChildProgram {
  name: string
  pid: number
  lines: readonly LogLine[]
  /** The first line from `since` on that fits. @throws when the program ends or the signal is aborted before. */
  waitForLine(fits: (line: LogLine) => boolean, options: { signal: AbortSignal; since?: number }): Promise<LogLine>
  /** SIGTERM, and what it exits with. */
  stop(): Promise<number | null>
}

const condition = '--conditions=@session-broker/source'

/** Starts a TypeScript program of this repository with exactly this environment. */
export function startProgram(
  name: string,
  { script, args, env }: { script: string; args: readonly string[]; env: Record<string, string> },
): ChildProgram {
  const child = spawn(process.execPath, [condition, script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: LogLine[] = []
  const said: string[] = []
  const listeners = new Set<() => void>()
  const tellListeners = () => {
    for (const listener of [...listeners]) listener()
  }
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code))
    child.once('error', () => resolve(null))
  })
  exited.then(tellListeners)
  readLines(child, (text) => {
    const line = parseLine(text)
    if (line) lines.push(line)
    else said.push(text)
    tellListeners()
  })

  function waitForLine(
    fits: (line: LogLine) => boolean,
    { signal, since = 0 }: { signal: AbortSignal; since?: number },
  ): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const line = lines.slice(since).find(fits)
        if (line) return finish(() => resolve(line))
        if (signal.aborted) return finish(() => reject(new Error(`${name} did not come so far in time`)))
        if (child.exitCode === null && child.signalCode === null) return
        finish(() => reject(new Error(`${name} has ended: ${lastWords()}`)))
      }
      const finish = (settle: () => void) => {
        listeners.delete(look)
        signal.removeEventListener('abort', look)
        settle()
      }
      listeners.add(look)
      signal.addEventListener('abort', look)
      look()
    })
  }

  const lastWords = () => said.at(-1) ?? lines.at(-1)?.msg ?? 'it said nothing'

  return {
    name,
    pid: child.pid ?? -1,
    lines,
    waitForLine,
    stop() {
      child.kill('SIGTERM')
      return exited
    },
  }
}

function readLines(child: ChildProcess, onLine: (text: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', onLine)
  }
}

function parseLine(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
