import { checkState } from './check-state.ts'
import { lookAs } from './exit-request.ts'
import type { LogOutPress, SiteLogOut } from './ports/site-log-out.ts'
import type { SiteLook } from './ports/site-look.ts'

/**
 * Logs a session out at its site, and believes it when the check says so of the state as it was given out: a site that only
 * forgets it in the browser that logged out still takes it from everybody else.
 */
export function createLogOut({ press, look }: { press: LogOutPress; look: SiteLook }): SiteLogOut {
  return async function logOutAtSite(job) {
    const before = await checkState(lookAs(job.definition, look), job)
    if (before.verdict === 'signed_out') return { loggedOut: true }
    const done = await press({ ...job, state: before.state })
    if (!done.pressed) return { loggedOut: false, detail: done.detail, state: before.state }
    const { verdict, state } = await checkState(lookAs(job.definition, look), { ...job, state: before.state })
    if (verdict === 'signed_out') return { loggedOut: true }
    const detail =
      verdict === 'signed_in'
        ? 'the log-out was pressed, and the site still takes the session: a recipe can say how to log out'
        : 'the log-out was pressed, and the site does not tell whether it ended the session'
    return { loggedOut: false, detail, state }
  }
}
