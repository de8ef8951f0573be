import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { atExit } from './at-exit.ts'
import { awaitDevTools } from './await-devtools.ts'
import { pickBrowserEnv } from './chrome-env.ts'
import { chromeFlags } from './chrome-flags.ts'
import { refusePersonalProfile } from './default-profile.ts'
import { awaitAnswer, type DevToolsPipe, openDevToolsPipe } from './devtools-pipe.ts'
import { endChrome, killGroup } from './end-chrome.ts'
import { findChrome } from './find-chrome.ts'

export type LaunchChromeOptions = {
  /** The executable; left out: the one that `findChrome` finds. */
  path?: string | undefined
  /** A profile that stays; left out: one of its own that `close` removes. Never a person's default profile. */
  userDataDir?: string | undefined
  /** The debugging port on 127.0.0.1; left out or 0: a free one. */
  port?: number | undefined
  headless: boolean
  flags?: readonly string[] | undefined
  /** The first page; left out: about:blank. */
  url?: string | undefined
  /** Only what a browser needs of it is passed on (`pickBrowserEnv`); left out: the process's own. */
  env?: Readonly<Record<string, string | undefined>> | undefined
  /** How long the start may take; left out: 30 s. */
  timeoutMs?: number | undefined
  /** Ends the start. A Chrome that has started is ended by `close`. */
  signal?: AbortSignal | undefined
}

export type LaunchedChrome = {
  /** For example `http://127.0.0.1:9222`. */
  cdpUrl: string
  port: number
  pid: number
  userDataDir: string
  /** Resolves when the browser has ended, by `close` or by itself. Never rejects. */
  exited: Promise<void>
  /** Ends all of its processes and removes a temporary profile, also after a crash; may be called again. */
  close: () => Promise<void>
}

/** A Chrome without a port: nobody but who started it can use it. */
export type PipedChrome = Omit<LaunchedChrome, 'cdpUrl' | 'port'> & { pipe: DevToolsPipe }

/**
 * Starts a Chrome that listens for CDP, and ends with the process that started it.
 *
 * chrome-launcher only finds Chrome here; it isn't used to launch: it takes over any Chrome that answers at the
 * wanted port, calls process.exit on SIGINT, hands on the whole environment, leaves log files in the profile, polls
 * every 500 ms, and its kill neither waits for the end nor lets the profile be written out.
 *
 * Throws a `ChromeError`; nothing is left behind then.
 */
export async function launchChrome(options: LaunchChromeOptions): Promise<LaunchedChrome> {
  const { timeoutMs = 30_000, signal } = options
  const { running, ready: port } = await launch({ ...options, port: options.port ?? 0 }, async (child) => {
    // Read and forgotten: the pipe is here for its end.
    ;(child.stdio[4] as Readable | undefined)?.resume()
    const port = await awaitDevTools(child, { timeoutMs, signal })
    if (port === undefined) throw new TypeError('a Chrome that listens has a port')
    return port
  })
  return { ...running, cdpUrl: `http://127.0.0.1:${port}`, port }
}

/** The same without a port: CDP goes over the pipe to it alone. */
export async function launchPipedChrome(options: Omit<LaunchChromeOptions, 'port'>): Promise<PipedChrome> {
  const { timeoutMs = 30_000, signal } = options
  const { running, ready: pipe } = await launch({ ...options, port: undefined }, async (child) => {
    const pipe = openDevToolsPipe(child)
    await awaitDevTools(child, { timeoutMs, signal, answered: awaitAnswer(pipe) })
    return pipe
  })
  return { ...running, pipe }
}

type Running = Omit<PipedChrome, 'pipe'>

async function launch<Ready>(
  options: LaunchChromeOptions,
  awaitReady: (child: ChildProcess) => Promise<Ready>,
): Promise<{ running: Running; ready: Ready }> {
  const { signal } = options
  signal?.throwIfAborted()
  if (options.userDataDir !== undefined) await refusePersonalProfile(options.userDataDir)
  const path = options.path ?? (await findChrome({ signal })).path
  const profile = await openProfile(options.userDataDir)
  const child = await spawnChrome(path, options, profile.dir).catch(async (error) => {
    await profile.remove()
    throw error
  })
  const { exited, close } = ownedBy(child, profile)
  try {
    const ready = await awaitReady(child)
    const { pid } = child
    if (pid === undefined) throw new TypeError('a process that listens has a pid')
    return { running: { pid, userDataDir: profile.dir, exited, close }, ready }
  } catch (error) {
    await close()
    throw error
  }
}

/** From its start on, the browser and its profile end with us. */
function ownedBy(child: ChildProcess, profile: Awaited<ReturnType<typeof openProfile>>) {
  const exited = exitOf(child)
  const forget = atExit(() => {
    killGroup(child)
    profile.removeNow()
  })
  const end = async () => {
    await endChrome(child, exited)
    await profile.remove()
    forget()
  }
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= end()
    return closing
  }
  return { exited, close }
}

function exitOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    // It never ran.
    child.once('error', () => resolve())
  })
}

async function spawnChrome(
  path: string,
  options: LaunchChromeOptions,
  userDataDir: string,
): Promise<ChildProcess> {
  const { port, headless, flags = [], url = 'about:blank', env = process.env } = options
  const child = spawn(path, chromeFlags({ userDataDir, port, headless, flags, url }), {
    // A process group of its own: a Ctrl-C at the terminal is for the program, which then ends its Chrome in order.
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    env: pickBrowserEnv(env),
  })
  const [, , , toChrome, fromChrome] = child.stdio
  // The pipes break when Chrome ends, and that is told by its exit.
  toChrome?.on('error', () => {})
  fromChrome?.on('error', () => {})
  return child
}

async function openProfile(given: string | undefined) {
  if (given !== undefined) {
    const dir = resolve(given)
    await mkdir(dir, { recursive: true, mode: 0o700 })
    return { dir, remove: async () => {}, removeNow: () => {} }
  }
  const dir = await mkdtemp(join(tmpdir(), 'session-broker-chrome-'))
  // A process of Chrome's that is being killed may still write a file: try again.
  const rules = { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }
  return { dir, remove: () => rm(dir, rules), removeNow: () => rmSync(dir, rules) }
}
