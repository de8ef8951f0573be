/** What the site has counted since it started; tests ask these instead of anybody's log. */
export interface SiteStats {
  /** Forms posted with a username and a password. */
  loginsStarted: number
  loginsSucceeded: number
  /** Wrong password, unknown name, a form that had gone stale, or the site did not let anybody in. */
  loginsFailed: number
  /** Posted forms that have not been dealt with; one whose sender has gone away still counts. */
  inFlightNow: number
  maxInFlight: number
  /** The same for the account that had most at once. */
  maxInFlightPerAccount: number
  liveSessions: number
  formViews: number
  /** Everything but the stats and other admin requests. */
  requests: number
  /** The latest requests, oldest first: where they went, with the names of the cookies that came along. */
  lastRequests: { method: string; path: string; cookieNames: string[] }[]
}

export interface Counters {
  sawRequest(request: SiteStats['lastRequests'][number]): void
  sawForm(): void
  /** To be called when a form is posted; what it gives, once, when that has been dealt with. */
  loginBegins(username: string): (outcome: 'succeeded' | 'failed') => void
  read(): Omit<SiteStats, 'liveSessions'>
}

const keptRequests = 20

export function createCounters(): Counters {
  const counts = {
    loginsStarted: 0,
    loginsSucceeded: 0,
    loginsFailed: 0,
    inFlightNow: 0,
    maxInFlight: 0,
    maxInFlightPerAccount: 0,
    formViews: 0,
    requests: 0,
  }
  const lastRequests: SiteStats['lastRequests'] = []
  const inFlightOf = new Map<string, number>()

  function move(username: string, by: 1 | -1): void {
    const ofAccount = (inFlightOf.get(username) ?? 0) + by
    inFlightOf.set(username, ofAccount)
    counts.inFlightNow += by
    counts.maxInFlight = Math.max(counts.maxInFlight, counts.inFlightNow)
    counts.maxInFlightPerAccount = Math.max(counts.maxInFlightPerAccount, ofAccount)
  }

  return {
    sawRequest(request) {
      counts.requests += 1
      lastRequests.push(request)
      if (lastRequests.length > keptRequests) lastRequests.shift()
    },
    sawForm() {
      counts.formViews += 1
    },
    loginBegins(username) {
      counts.loginsStarted += 1
      move(username, 1)
      return (outcome) => {
        if (outcome === 'succeeded') counts.loginsSucceeded += 1
        else counts.loginsFailed += 1
        move(username, -1)
      }
    },
    read: () => ({ ...counts, lastRequests: [...lastRequests] }),
  }
}
