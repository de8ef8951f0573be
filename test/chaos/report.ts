import type { ChaosResult } from './run-chaos.ts'

const mostShown = 20

/** What a run came to, in lines for people. */
export function report({ faults, counts, violations }: ChaosResult): string[] {
  const { logins, failedLogins, refreshes, reads, brokerProcesses } = counts
  const byKind = [...faults].sort(([a], [b]) => a.localeCompare(b)).map(([kind, times]) => `${kind} ${times}`)
  const verdict =
    violations.length === 0
      ? 'no stale overwrite, no overlapping logins, no read that went back, nothing lost'
      : `${violations.length} violations`
  return [
    `faults: ${byKind.join(', ')}`,
    `${logins} logins, ${failedLogins} that came to nothing, ${refreshes} refreshes, ${reads} reads, ${brokerProcesses} broker processes`,
    ...violations.slice(0, mostShown).map(({ rule, where, what }) => `  ${rule}: ${where}: ${what}`),
    verdict,
  ]
}
