import type { SiteStats } from './counters.ts'
import type { SiteContext } from './site-context.ts'

export function readStats({ counters, sessions }: Pick<SiteContext, 'counters' | 'sessions'>): SiteStats {
  return { ...counters.read(), liveSessions: sessions.list().length }
}
