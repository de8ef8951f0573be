import { clientHintHeaders, type IssuedSession, isTrustworthy } from '@session-broker/shared'
import { siteOf } from '@session-broker/shared/site'

export interface OwnSites {
  includes(url: URL): boolean
  /** What the session’s browser says of itself; nothing for other sites. */
  headersFor(url: URL): Record<string, string>
}

/** The sites that the session belongs to. */
export function createOwnSites(sites: readonly string[], current: () => IssuedSession): OwnSites {
  const own = new Set(sites)
  const includes = ({ hostname }: URL) => own.has(siteOf(hostname))
  return {
    includes,
    headersFor(url) {
      if (!includes(url)) return {}
      const { userAgent, userAgentMetadata } = current()
      const hints = userAgentMetadata && isTrustworthy(url) ? clientHintHeaders(userAgentMetadata) : {}
      return { 'user-agent': userAgent, ...hints }
    },
  }
}
