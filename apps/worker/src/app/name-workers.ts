/**
 * The name under which each Chrome is reported: host and port, which stay the same through restarts. A name that was
 * given is taken as it is for one Chrome, and with the port of each for several; one without a port is `pipe`.
 * @param hostname of this machine
 */
export function nameWorkers(
  chromes: readonly string[],
  { id, hostname }: { id?: string | undefined; hostname: string },
): string[] {
  const base = fit(id ?? hostname)
  if (id !== undefined && chromes.length === 1) return [base]
  const isSameHost = new Set(chromes.map(hostOf)).size <= 1
  return chromes.map((chrome) =>
    fit([base, ...(isSameHost ? [] : [hostOf(chrome)]), portOf(chrome)].join('-')),
  )
}

const hostOf = (chrome: string) => new URL(chrome).hostname
const portOf = (chrome: string) => {
  const { protocol, port } = new URL(chrome)
  return protocol === 'pipe:' ? 'pipe' : port || '80'
}

/** What the broker takes as a worker's id. */
function fit(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '')
  return (plain || 'worker').slice(0, 127)
}
