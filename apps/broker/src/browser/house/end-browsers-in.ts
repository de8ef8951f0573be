import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

const pollMs = 20
const longestMs = 3_000

/**
 * Kills every browser whose profile is in the folder, and waits until none is left.
 * @returns whether none is left. Where the system has no /proc nothing is looked for: a browser ends by itself once the
 * broker that drives it is gone.
 */
export async function endBrowsersIn(folder: string): Promise<boolean> {
  const endMs = performance.now() + longestMs
  while (killBrowsersIn(folder) > 0) {
    if (performance.now() > endMs) return false
    await delay(pollMs)
  }
  return true
}

/** At once, also from a process's exit handler. @returns how many processes it killed. */
export function killBrowsersIn(folder: string): number {
  return listProcesses().filter((pid) => hasProfileIn(folder, pid) && kill(pid)).length
}

function listProcesses(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}

/** All of a browser's processes carry the switch. A renderer's arguments are one text, without the zeros between them. */
function hasProfileIn(folder: string, pid: number): boolean {
  try {
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return commandLine.includes(` --user-data-dir=${folder}/`)
  } catch {
    return false
  }
}

/** False where it has ended by itself, or is not this user's: then it cannot be our browser. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}
