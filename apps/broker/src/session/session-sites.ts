import { ProblemError, type SessionState } from '@session-broker/shared'
import { siteOf } from '@session-broker/shared/site'
import { nameFirst } from './name-first.ts'
import type { SessionDefinition } from './session-definition.ts'

type Sites = Pick<SessionDefinition, 'session' | 'loginUrl' | 'check' | 'recipe'>

/** The sites whose cookies and storage somebody may bring: those of the sign-in and of the check, and what the recipe names. */
export function sitesOf({ loginUrl, check, recipe }: Sites): string[] {
  const hosts = [loginUrl, ...(check ? [check.url] : [])].map((url) => new URL(url).hostname)
  return [...new Set([...hosts, ...recipe.keepSites].map(siteOf))]
}

/**
 * Of other sites nobody may put anything into everybody's Chrome.
 * @throws ProblemError `request_invalid` with the names of what belongs to none of the session's sites.
 */
export function requireOwnSites(
  definition: Sites,
  { cookies, origins }: Pick<SessionState, 'cookies' | 'origins'>,
): void {
  const sites = sitesOf(definition)
  const isOwn = (host: string | undefined) => host !== undefined && sites.includes(siteOf(host))
  const foreign = [
    ...cookies
      // A partition lies below the site that is at the top.
      .filter(({ domain, partitionKey: top }) => !isOwn(domain) && !isOwn(URL.parse(top ?? '')?.hostname))
      .map(({ name, domain }) => `the cookie ${name.slice(0, 60)} of ${domain.slice(0, 60)}`),
    ...origins
      .filter(({ origin }) => !isOwn(URL.parse(origin)?.hostname))
      .map(({ origin }) => `the storage of ${origin.slice(0, 80)}`),
  ]
  if (foreign.length === 0) return
  throw new ProblemError(
    'request_invalid',
    `body: ${nameFirst(foreign, ', ')} belong to none of the sites of ${definition.session} ` +
      `(${sites.join(', ')}); recipe.keepSites names others`,
  )
}
