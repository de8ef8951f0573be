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
  const holds =
    (expect.status === undefined || expectsThisStatus) &&
    (expect.text === undefined || seen.body.includes(expect.text)) &&
    (expect.finalUrl === undefined || withoutQuery(seen.finalUrl) === withoutQuery(expect.finalUrl)) &&
    (expect.selector === undefined || seen.hasSelector === true) &&
    (expect.passwordField === undefined || !hasPasswordField(seen))
  return holds ? 'signed_in' : 'signed_out'
}

/** As far as it was seen, or stands in the markup. */
export function hasPasswordField({ hasPasswordField, body }: Sighting): boolean {
  return hasPasswordField ?? /<input[^>]+type\s*=\s*["']?password\b/i.test(body)
}

/** Whether something that is there would show it; what is not there (yet) says nothing of a page that is still being drawn. */
export function hasPositiveSign({ text, selector }: Expectation): boolean {
  return text !== undefined || selector !== undefined
}

export function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}
