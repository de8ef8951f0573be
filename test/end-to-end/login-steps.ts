import type { FailureClass } from '@session-broker/shared'
import type { SiteMode } from '@session-broker/stage/site'

/** The steps of a login at which a broker can die, in their order. */
export const loginSteps = [
  'before_begin',
  'after_begin',
  'before_permit',
  'after_permit',
  /** The posted form is at the site. */
  'after_post',
  /** Of the state that the login has captured. */
  'before_check',
  'before_commit',
  'after_commit',
  /** Also of one that is abandoned. */
  'before_fail',
  'after_fail',
] as const

export type LoginStep = (typeof loginSteps)[number]

/** What a dying broker is told, as JSON in its environment. */
export interface DyingPlan {
  config: string
  /** It kills itself when a login of each of these sessions stands at this step; those that are there first wait. */
  step: LoginStep
  sessions: readonly string[]
  /** Logins that start from an earlier generation pass. */
  fromGeneration: number
  /** Where the site's counters are, by session. */
  sites: Record<string, { url: string; adminToken: string }>
  /** A real browser logs in; otherwise plain HTTP does. */
  browser: boolean
}

/** How a login ends at the local site in one of its modes, and which steps it passes. */
export interface Ending {
  mode: SiteMode
  /** The site answers later than the login lasts. */
  isLate?: true
  /** Undefined: it succeeds. */
  class?: FailureClass
  steps: readonly LoginStep[]
}

const started = ['before_begin', 'after_begin'] as const
const sent = [...started, 'before_permit', 'after_permit', 'after_post'] as const
const failed = ['before_fail', 'after_fail'] as const

/** By the name of the session that comes to it. */
export const endings: Readonly<Record<string, Ending>> = {
  success: { mode: 'ok', steps: [...sent, 'before_check', 'before_commit', 'after_commit'] },
  rejected: { mode: 'rejecting', class: 'bad_credentials', steps: [...sent, ...failed] },
  locked: { mode: 'locked', class: 'locked', steps: [...sent, ...failed] },
  captcha: { mode: 'captcha', class: 'captcha', steps: [...started, ...failed] },
  captcha_after: { mode: 'captcha_after', class: 'captcha', steps: [...sent, ...failed] },
  down: { mode: 'down', class: 'site_down', steps: [...started, ...failed] },
  late: { mode: 'ok', isLate: true, class: 'timeout_after_submit', steps: [...sent, ...failed] },
  dead_end: { mode: 'dead_end', class: 'not_authenticated', steps: [...sent, 'before_check', ...failed] },
  formless: { mode: 'formless', class: 'misconfigured', steps: [...started, ...failed] },
  failing: { mode: 'failing', class: 'unknown', steps: [...sent, ...failed] },
}
