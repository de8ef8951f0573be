import type { ChildProcess } from 'node:child_process'
import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

const graceMs = 5_000
const sweepMs = 500
const pollMs = 10

/**
 * Ends a Chrome that runs in a process group of its own: asks it to close (CDP Browser.close over its pipe, so that a
 * lasting profile is written out), kills the group when it hasn't after the grace, and sees that none of its
 * processes is left.
 */
export async function endChrome(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (isRunning(child)) {
    askToClose(child)
    const grace = new AbortController()
    const asked = await Promise.race([
      exited.then(() => true),
      sleep(graceMs, false, { signal: grace.signal }).catch(() => false),
    ])
    grace.abort()
    if (!asked) killGroup(child)
    await exited
  }
  killGroup(child)
  for (let waitedMs = 0; waitedMs < sweepMs && groupLives(child); waitedMs += pollMs) await sleep(pollMs)
}

/** At once and for certain, also from a process's exit handler. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    if (process.platform === 'win32') child.kill('SIGKILL')
    else process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

function askToClose(child: ChildProcess): void {
  const pipe = child.stdio[3] as Writable | null | undefined
  pipe?.write(`${JSON.stringify({ id: 1, method: 'Browser.close' })}\0`)
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}

function groupLives(child: ChildProcess): boolean {
  if (child.pid === undefined || process.platform === 'win32') return false
  try {
    return process.kill(-child.pid, 0)
  } catch (error) {
    if (isGone(error)) return false
    throw error
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ESRCH'
}
