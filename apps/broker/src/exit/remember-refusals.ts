import { isIPv6 } from 'node:net'
import { ProblemError } from '@session-broker/shared'
import type { SiteExit } from '../session/ports/site-exit.ts'
import { type HostPort, hostPortOf } from './target-rules.ts'

/** Enough to tell why a page did not come; a page that tries every address fills no memory. */
const most = 100

/** What was not let through, and why. */
export function rememberRefusals() {
  const reasons = new Map<string, string>()
  const keyOf = ({ host, port }: HostPort) => (isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`)

  const of: SiteExit['refusalOf'] = (url) => {
    const place = URL.canParse(url) ? keyOf(hostPortOf(new URL(url))) : ''
    const why = reasons.get(place)
    if (why === undefined) return undefined
    return new ProblemError(
      'login_misconfigured',
      `the way led to ${place}, where nothing is let through: ${why}. ` +
        `Where that is right, the configuration can say so: browser: { allow: ["${place}"] }`,
    )
  }

  return {
    of,
    add(target: HostPort, why: string): void {
      if (reasons.size < most) reasons.set(keyOf(target), why)
    },
  }
}
