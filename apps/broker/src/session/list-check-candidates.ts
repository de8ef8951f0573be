import { type Check, matchCookies, withoutQuery } from '@session-broker/shared'
import { isSameSite } from '@session-broker/shared/site'
import type { LoginResult } from './ports/site-login.ts'

/** A request that may tell the signed-in from a stranger. */
export interface CheckCandidate {
  url: string
  in: Check['in']
  /** What a page asks for or links to, not the page itself. */
  isRequest: boolean
}

/** Each costs two requests, and some sites count. */
const mostRequests = 4
const mostLinks = 3
/** What tells who one is, by its name. */
const tellsWho =
  /(?:^|[/_.-])(?:me|self|whoami|users?|session|account|profile|identity|current|settings|config)\b/i
/** What may do something when it is asked for. */
const doesSomething =
  /log-?_?(?:out|off|in)|sign-?_?(?:out|off|in)|refresh|renew|token|csrf|delete|remove|oauth/i
/** In the query of an address: good for once, or a secret. */
const passing =
  /(?:^|[?&_-])(?:code|state|token|ticket|key|auth|sid|session|nonce|sig\w*|saml\w*|otp|jwt)=|[\w%.~-]{24,}/i

/** The page on which the login ended, the requests that it made and the own pages it links to, by HTTP; then the page in a browser. */
export function listCheckCandidates(login: LoginResult, loginUrl: string): CheckCandidate[] {
  const { state, landedUrl } = login
  const pages = [...new Set([withoutQuery(landedUrl), withoutFragment(withoutPassing(landedUrl))])]
  const requests = choose(login.requests ?? [], loginUrl).slice(0, mostRequests)
  const links = choose(login.links ?? [], loginUrl).slice(0, mostLinks)
  // Without a cookie for it, plain HTTP is a stranger as well.
  const isSentCookies = (url: string) => matchCookies(state.cookies, new URL(url), 0).length > 0
  const byHttp = (urls: string[], isRequest: boolean) =>
    urls.filter(isSentCookies).map((url) => ({ url, in: 'http' as const, isRequest }))
  return [
    ...byHttp(pages, false),
    ...byHttp(requests, true),
    ...byHttp(links, true),
    { url: withoutPassing(landedUrl), in: 'browser', isRequest: false },
  ]
}

function choose(requests: readonly string[], loginUrl: string): string[] {
  const fits = (url: string) =>
    isSameSite(url, loginUrl) &&
    !doesSomething.test(new URL(url).pathname) &&
    !passing.test(new URL(url).search)
  const fitting = [...new Set(requests)].filter(fits)
  const rank = (url: string) => (tellsWho.test(new URL(url).pathname) ? 0 : 1)
  return fitting.toSorted((a, b) => rank(a) - rank(b))
}

function withoutPassing(url: string): string {
  const { search, hash } = new URL(url)
  const kept = passing.test(search) ? '' : search
  return withoutQuery(url) + kept + (passing.test(hash.replace('#', '?')) ? '' : hash)
}

function withoutFragment(url: string): string {
  return url.split('#')[0] ?? url
}
