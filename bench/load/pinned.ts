import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** A command on one core of its own, where the system can do that; where it can't, as it is. */
export function pinned(core: 0 | 1, command: string, args: readonly string[]): [string, string[]] {
  if (!canPin) return [command, [...args]]
  return ['taskset', ['-c', String(core), command, ...args]]
}

const canPin = availableParallelism() > 1 && exists('taskset')

export function exists(command: string): boolean {
  try {
    execFileSync('which', [command], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
