import type { ExitRequest } from './ports/site-exit.ts'
import type { LookWay, SessionLook, SiteLook } from './ports/site-look.ts'
import type { SessionDefinition } from './session-definition.ts'

/** The way out for what is done as this session. */
export function exitRequestOf(definition: SessionDefinition, isOver: ExitRequest['isOver']): ExitRequest {
  return { ...wayOf(definition), isOver }
}

/** What is configured alone: a page of the site must not name what is the session's own. */
function wayOf({ loginUrl, check, proxy }: SessionDefinition): LookWay {
  return { sites: [loginUrl, ...(check ? [check.url] : [])], ...(proxy && { proxy }) }
}

/** Looks by the way that the session goes. */
export function lookAs(definition: SessionDefinition, look: SiteLook): SessionLook {
  return (request) => look({ ...request, ...wayOf(definition) })
}
