import type { BrokerClient } from '../broker-client.ts'
import type { FollowedSession } from '../follow/follow-session.ts'
import { createSessionJar, type SessionJarOptions } from '../tough-cookie/index.ts'
import { fetchByHops } from './fetch-by-hops.ts'
import { type IsLoggedOut, looksLoggedOut } from './is-logged-out.ts'
import { createOwnSites } from './own-sites.ts'
import { planOf, type SessionRequestInit } from './request-plan.ts'

export { type IsLoggedOut, looksLoggedOut, type Visit } from './is-logged-out.ts'
export type { SessionRequestInit } from './request-plan.ts'

export interface SessionFetchOptions extends SessionJarOptions {
  client: Pick<BrokerClient, 'cookies' | 'refresh' | 'watch' | 'summary'>
  /** Whether the site answered as to a stranger. Left out: `looksLoggedOut`, by the session’s check and its sign-in page. */
  isLoggedOut?: IsLoggedOut | undefined
  /** What sends each request: undici’s own `fetch` with a dispatcher, say. Left out: Node’s. */
  fetch?: typeof globalThis.fetch | undefined
}

export interface SessionFetch extends FollowedSession {
  /**
   * As Node’s `fetch`, signed in: with the session’s cookies, user agent and client hints at the session’s own sites, on each redirect
   * anew, and nowhere else. Where the site answers as to a stranger, the broker is told, once for all who find it out, and the request is
   * sent once more with the new generation, where it may be. Rejects with the login’s own problem when there is none.
   */
  fetch(input: string | URL | Request, init?: SessionRequestInit): Promise<Response>
}

/** A `fetch` that is signed in, and stays so until it is closed. */
export async function createSessionFetch(options: SessionFetchOptions): Promise<SessionFetch> {
  const { isLoggedOut = looksLoggedOut, fetch: send = globalThis.fetch } = options
  const kept = await createSessionJar(options)
  const summary = await options.client.summary(kept.session, options.signal).catch(async (error: unknown) => {
    await kept.close()
    throw error
  })
  const { jar, ...followed } = kept
  const { current, signedOut } = followed
  const hops = { jar, current, send, ownSites: createOwnSites(summary.sites, current) }
  return {
    ...followed,
    async fetch(input, init) {
      const plan = await planOf(input, init)
      const seen = current()
      const response = await fetchByHops(hops, plan)
      if (!hops.ownSites.includes(plan.url)) return response
      if (!(await isLoggedOut({ response, asked: plan, summary }))) return response
      try {
        const reason = `a request to ${plan.url.origin} was answered as to a stranger`
        const { outcome } = await signedOut({ seen, reason, signal: plan.signal })
        if (outcome === 'alive' || !plan.mayRepeat) return response
      } catch (error) {
        await response.body?.cancel()
        throw error
      }
      await response.body?.cancel()
      return fetchByHops(hops, plan)
    },
  }
}
