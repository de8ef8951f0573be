import type { ExitRequest } from './ports/site-exit.ts'
import type { SiteLook } from './ports/site-look.ts'
import type { SessionDefinition } from './session-definition.ts'

/** The way out for what is done as this session. */
export function exitRequestOf(
  { loginUrl, check, proxy }: SessionDefinition,
  isOver: ExitRequest['isOver'],
): ExitRequest {
  return { sites: [loginUrl, ...(check ? [check.url] : [])], isOver, ...(proxy && { proxy }) }
}

/** Looks by the way that the session goes. */
export function lookAs({ proxy }: SessionDefinition, look: SiteLook): SiteLook {
  return proxy ? (request) => look({ ...request, proxy }) : look
}
