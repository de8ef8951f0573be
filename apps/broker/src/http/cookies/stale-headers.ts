import { ProblemError } from '@session-broker/shared'
import type { HttpDependencies } from '../http-dependencies.ts'

/**
 * While the store does not answer, a state comes from memory and says how old that is; not for ever, since a newer one may
 * have been published long ago.
 * @returns headers, name after value; undefined while the store answers.
 */
export function staleHeaders({
  presence,
  serveStaleMs,
}: Pick<HttpDependencies, 'presence' | 'serveStaleMs'>): readonly string[] | undefined {
  const awayForMs = presence.awayForMs()
  if (awayForMs === undefined) return undefined
  if (awayForMs <= serveStaleMs) return ['Session-Stale-Seconds', String(Math.ceil(awayForMs / 1000))]
  const minutes = Math.round(awayForMs / 60_000)
  throw new ProblemError(
    'store_unavailable',
    `the store has not answered for ${minutes} min: what this broker remembers is too old to be served`,
  )
}
