import { judge, ProblemError } from '@session-broker/shared'
import { lookAs } from './exit-request.ts'
import { type SiteLook, SiteUnreachableError } from './ports/site-look.ts'
import type { SessionDefinition } from './session-definition.ts'

/** @throws ProblemError `login_misconfigured` where a stranger passes the check as well. */
export type CheckTrial = (definition: SessionDefinition, signal: AbortSignal) => Promise<void>

/**
 * Holds a configured check against a stranger, who has nothing: one that passes tells nothing, and every failed sign-in would
 * be published by it. Each check is tried once in the life of the process; where no answer came, the next time.
 */
export function createCheckTrial(look: SiteLook): CheckTrial {
  const proved = new Set<string>()
  return async function tryCheck(definition, signal) {
    const { session, check } = definition
    const name = JSON.stringify([session, check])
    if (!check || proved.has(name)) return
    const seen = await lookAs(
      definition,
      look,
    )({ url: check.url, in: check.in, signal }).catch((error: unknown) => {
      if (error instanceof SiteUnreachableError) return undefined
      throw error
    })
    if (!seen) return
    const verdict = judge(check.expect, seen.sighting)
    if (verdict === 'signed_in') {
      throw new ProblemError(
        'login_misconfigured',
        `the check passes without the session as well: ${new URL(check.url).origin} shows a stranger all that it expects. ` +
          'Give it a text, a selector or a finalUrl that only the signed-in see',
      )
    }
    if (verdict === 'signed_out') proved.add(name)
  }
}
