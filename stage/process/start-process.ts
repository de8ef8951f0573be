import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { compileCache } from './compile-cache.ts'
import { findCommand } from './find-command.ts'

export interface ProcessOptions {
  /** How messages call it. */
  name: string
  command: string
  args: readonly string[]
  cwd?: string
  /** Its environment beside PATH, LANG and where Node keeps what it compiles. */
  env?: Record<string, string>
  /** Told each whole line that it writes, to stdout or stderr. */
  onLine?: (line: string) => void
  /** A group of its own: Ctrl-C in the terminal doesn't reach it, and `end` ends what it started as well. */
  ownGroup?: boolean
}

export interface RunningProcess {
  readonly name: string
  readonly pid: number
  /** The last of what it wrote to stdout and stderr. */
  output(): string
  /** Its first whole line on stdout; rejects when it ends without one. */
  readonly firstLine: Promise<string>
  /** Resolves when it has ended. */
  readonly exited: Promise<void>
  isRunning(): boolean
  /** Undefined while it runs, and where a signal has killed it. */
  exitCode(): number | undefined
  signal(name: NodeJS.Signals): void
  /** SIGTERM, then SIGKILL after `graceMs` (default 3,000); resolves when it is gone. */
  end(graceMs?: number): Promise<void>
}

const keptOutput = 8_000
/** The path is ours: the set-up may have brought the program for this checkout alone. */
const path = process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'
const minimalEnv = { PATH: path, LANG: 'C.UTF-8', ...compileCache }

/** util-linux: asks the kernel to end a program when the one that started it dies (prctl PR_SET_PDEATHSIG). */
const setpriv = findCommand('setpriv', '/usr/bin')
const untilWeDie = setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL']

/**
 * Starts a program and keeps hold of it by its pid. Its stdin is a pipe that closes when this process dies; it
 * is killed when this process exits without having ended it, on Linux also when this one is killed.
 * @throws Error with one clear sentence where the program cannot be started
 */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const { name, command, args, cwd, env = {}, ownGroup = false } = options
  const wholeEnv = { ...minimalEnv, ...env }
  const found = findCommand(command, wholeEnv.PATH)
  if (found === undefined) throw new Error(`${name} cannot be started: there is no ${command}`)
  const [file = found, ...allArgs] = [...untilWeDie, found, ...args]
  const child = spawn(file, allArgs, {
    env: wholeEnv,
    detached: ownGroup,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
  })
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid ?? 0))
    child.once('error', (cause) =>
      reject(new Error(`${name} cannot be started: ${cause.message}`, { cause })),
    )
  })

  let written = ''
  const keep = (chunk: Buffer) => {
    written = (written + chunk.toString()).slice(-keptOutput)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  if (options.onLine) {
    for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', options.onLine)
  }

  const isRunning = () => child.exitCode === null && child.signalCode === null
  const signal = (signalName: NodeJS.Signals) => {
    try {
      process.kill(ownGroup ? -pid : pid, signalName)
    } catch (error) {
      if (!isGone(error)) throw error
    }
  }
  const killNow = () => signal('SIGKILL')
  process.setMaxListeners(Math.max(process.getMaxListeners(), 50))
  process.once('exit', killNow)
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      process.off('exit', killNow)
      resolve()
    })
  })
  const firstLine = readFirstLine(name, child.stdout, exited, () => written)

  return {
    name,
    pid,
    output: () => written,
    firstLine,
    exited,
    isRunning,
    exitCode: () => child.exitCode ?? undefined,
    signal,
    async end(graceMs = 3_000) {
      if (isRunning()) {
        signal('SIGTERM')
        // A stopped process takes no SIGTERM.
        signal('SIGCONT')
        const isKilled = new AbortController()
        const timeUp = sleep(graceMs, undefined, { signal: isKilled.signal }).then(killNow, () => undefined)
        await Promise.race([exited, timeUp])
        isKilled.abort()
        await exited
      }
      if (ownGroup) killNow()
    },
  }
}

function readFirstLine(
  name: string,
  stdout: NodeJS.ReadableStream,
  exited: Promise<void>,
  output: () => string,
): Promise<string> {
  const line = new Promise<string>((resolve, reject) => {
    let text = ''
    const read = (chunk: Buffer) => {
      text += chunk.toString()
      const end = text.indexOf('\n')
      if (end < 0) return
      stdout.off('data', read)
      resolve(text.slice(0, end))
    }
    stdout.on('data', read)
    exited.then(() => reject(new Error(`${name} ended before it said anything:\n${output()}`)))
  })
  // Only who asks for the line wants to hear that there was none.
  line.catch(() => undefined)
  return line
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ESRCH'
}
