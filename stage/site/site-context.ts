import type { FastifyReply, FastifyRequest } from 'fastify'
import { readCookies, setCookie } from './cookies.ts'
import type { Counters } from './counters.ts'
import type { Personality } from './personality.ts'
import type { SiteSession, SiteSessions } from './site-sessions.ts'

/** What every route of the site works with. */
export interface SiteContext {
  accounts: Map<string, string>
  sessions: SiteSessions
  counters: Counters
  personality(): Personality
  change(part: Partial<Personality>): void
  /** Resolves when the mode is no longer `hanging`. */
  untilItAnswers(): Promise<void>
  /** Aborts when the site closes. */
  closing: AbortSignal
}

/** Whose session a request shows; answers with a new `sid` where the old one was rotated or its date moves. */
export function identify(
  { sessions, personality }: Pick<SiteContext, 'sessions' | 'personality'>,
  request: FastifyRequest,
  reply: FastifyReply,
): { session: SiteSession; deviceId: string } | undefined {
  const seen = sessions.see(readCookies(request.headers.cookie).get('sid'))
  if (seen?.renew !== undefined) reply.header('set-cookie', sidCookie(seen.renew, personality()))
  return seen
}

export function sidCookie(sid: string, { lifetimeMs, datedCookie }: Personality): string {
  return setCookie('sid', sid, {
    httpOnly: true,
    sameSite: 'Lax',
    maxAgeMs: datedCookie ? lifetimeMs : null,
  })
}
