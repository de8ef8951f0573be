import type { Expectation, Verdict } from './check.ts'

/** What a check saw, after at most five redirects. */
export interface Sighting {
  status: number
  finalUrl: string
  /** Response body, or the text and markup of the page. */
  body: string
  hasSelector?: boolean
  hasPasswordField?: boolean
}

/**
 * Holds a sighting against the expectation. 429, 5xx and a redirect that was not followed (the sixth) say nothing about the
 * session.
 */
export function judge(expect: Expectation, seen: Sighting): Verdict {
  const expectsThisStatus = expect.status === seen.status
  const saysNothing = seen.status === 429 || seen.status >= 500 || (seen.status >= 300 && seen.status < 400)
  if (!expectsThisStatus && saysNothing) return 'unclear'
  const hasPasswordField = seen.hasPasswordField ?? /<input[^>]+type\s*=\s*["']?password\b/i.test(seen.body)
  const holds =
    (expect.status === undefined || expectsThisStatus) &&
    (expect.text === undefined || seen.body.includes(expect.text)) &&
    (expect.finalUrl === undefined || withoutQuery(seen.finalUrl) === withoutQuery(expect.finalUrl)) &&
    (expect.selector === undefined || seen.hasSelector === true) &&
    (expect.passwordField === undefined || !hasPasswordField)
  return holds ? 'signed_in' : 'signed_out'
}

export function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}
