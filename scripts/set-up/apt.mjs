import { execFileSync } from 'node:child_process'
import { runCommand } from './command.mjs'

/** How this process may run apt-get: as root, by a sudo that asks nothing, or not at all (undefined). */
export function findApt() {
  if (!answers('apt-get', ['--version'])) return undefined
  if (process.getuid?.() === 0) return ['apt-get']
  return answers('sudo', ['-n', 'true'])
    ? ['sudo', '-n', 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get']
    : undefined
}

/** Installs Debian packages, with fresh lists. Another apt that runs is waited for. */
export async function aptInstall([file, ...prefix], packages, onLine) {
  const options = ['-o', 'DPkg::Lock::Timeout=300', '-q']
  const rules = { timeoutMs: 15 * 60_000, env: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }, onLine }
  await runCommand(file, [...prefix, ...options, 'update'], rules)
  await runCommand(
    file,
    [...prefix, ...options, 'install', '-y', '--no-install-recommends', ...packages],
    rules,
  )
}

export function answers(file, args) {
  try {
    execFileSync(file, args, { stdio: 'ignore', timeout: 15_000 })
    return true
  } catch {
    return false
  }
}
