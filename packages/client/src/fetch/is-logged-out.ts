import { hasPasswordField, judge, type SessionSummary, withoutQuery } from '@session-broker/shared'
import type { RequestPlan } from './request-plan.ts'

/** An answer of one of the session’s sites, after its redirects. */
export interface Visit {
  /** Read a `clone()` of it: the caller of `fetch` gets this one. */
  response: Response
  asked: Pick<RequestPlan, 'url' | 'method'>
  summary: Pick<SessionSummary, 'check' | 'loginOrigin'>
}

export type IsLoggedOut = (visit: Visit) => boolean | Promise<boolean>

/**
 * Whether the site answered as to a stranger: with 401; with a redirect to the sign-in’s origin from another, or to a page with a
 * password field; and on the page of the session’s check, when that does not pass.
 */
export async function looksLoggedOut({ response, asked, summary }: Visit): Promise<boolean> {
  if (response.status === 401) return true
  const isAway = response.redirected && new URL(response.url).origin !== asked.url.origin
  if (isAway && new URL(response.url).origin === summary.loginOrigin) return true
  const { check } = summary
  const isCheck =
    check?.in === 'http' && asked.method === 'GET' && withoutQuery(check.url) === withoutQuery(asked.url.href)
  const isPage = response.redirected && /^text\/html\b/i.test(response.headers.get('content-type') ?? '')
  if (!isCheck && !isPage) return false
  const seen = { status: response.status, finalUrl: response.url, body: await response.clone().text() }
  return (isPage && hasPasswordField(seen)) || (isCheck && judge(check.expect, seen) === 'signed_out')
}
