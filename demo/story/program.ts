import { fileURLToPath } from 'node:url'
import { type RunningProcess, startProcess } from '@session-broker/stage/process'

/** One JSON line of a broker's or worker's log. */
export interface LogLine {
  time: string
  message: string
  session?: string
  generation?: number
  outcome?: string
  reason?: string
  applyMs?: number
  durationMs?: number
}

/** A broker or worker in a process of its own, and what it logs. */
export interface Program extends RunningProcess {
  lines: readonly LogLine[]
  /** The first line that fits, logged already or to come. @throws when the program ends or the signal is aborted before. */
  line(fits: (line: LogLine) => boolean, signal: AbortSignal): Promise<LogLine>
}

export interface ProgramOptions {
  name: string
  /** From the root of the repository. */
  script: string
  args: readonly string[]
  /** Everything that it gets beside PATH, HOME and the like. */
  env: Record<string, string>
  /** Start it again when one of its sources changes. */
  watch?: boolean
  /** Told every line that it writes. */
  onLine?: (line: string) => void
}

const condition = '--conditions=@session-broker/source'
const root = fileURLToPath(new URL('../..', import.meta.url))

/** Starts a program of this repository. Ctrl-C doesn't reach it: the demo ends it in its turn. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { name, script, args, env, watch = false, onLine } = options
  const lines: LogLine[] = []
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of [...listeners]) listener()
  }
  const running = await startProcess({
    name,
    command: process.execPath,
    args: [...(watch ? ['--watch', '--watch-preserve-output'] : []), condition, root + script, ...args],
    env,
    ownGroup: true,
    onLine(text) {
      onLine?.(text)
      const line = parseLine(text)
      if (line) lines.push(line)
      tell()
    },
  })
  running.exited.then(tell)

  function line(fits: (line: LogLine) => boolean, signal: AbortSignal): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = lines.find(fits)
        if (found) finish(() => resolve(found))
        else if (signal.aborted) finish(() => reject(new Error(`${name} did not come so far in time`)))
        else if (!running.isRunning())
          finish(() => reject(new Error(`${name} has ended. ${running.output().trim()}`)))
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

  return { ...running, lines, line }
}

function parseLine(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
