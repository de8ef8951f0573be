export type { SiteStats } from './counters.ts'
export type { Personality, SiteMode } from './personality.ts'
export type { SiteSession } from './site-sessions.ts'
export { type LocalSite, type SiteAddress, type SiteOptions, startSite } from './start-site.ts'
export {
  type SiteProcess,
  type SiteProcessOptions,
  type SiteSessionJson,
  startSiteProcess,
} from './start-site-process.ts'
