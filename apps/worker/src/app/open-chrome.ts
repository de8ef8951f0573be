import { setTimeout as sleep } from 'node:timers/promises'
import { applyOwned } from '../apply/apply-owned.ts'
import type { ApplyResult } from '../apply/apply-result.ts'
import { createEveryContext } from '../apply/every-context.ts'
import { type OwnedSites, ownedSites } from '../apply/owned-sites.ts'
import { readHeld } from '../apply/read-held.ts'
import { untilTouched } from '../apply/until-touched.ts'
import { CdpError } from '../cdp/cdp-error.ts'
import { type ChromeConnection, connectToChrome } from '../cdp/connect-to-chrome.ts'
import { lookSignedIn } from '../cdp/look-signed-in.ts'
import { leadSession } from '../lead/lead-session.ts'
import { createTurns } from '../lead/take-turns.ts'
import { type Applied, type AttachedChrome, type ChromePort, StoodDown } from '../session/ports/chrome.ts'

export interface OpenChromeOptions {
  /** For people: `http://127.0.0.1:9222`. */
  address: string
  workerId: string
  /** Reload the open pages of a session's sites after an apply. */
  reloadPages: boolean
  /** Which BrowserContexts have the sessions. */
  contexts: 'default' | 'all'
  /** A page of a new context was let go without a session. */
  onLetGo: (reason: string) => void
  /** One try, where this worker starts the Chrome itself; left out: to the address. */
  connect?: (signal: AbortSignal) => Promise<ChromeConnection>
}

/** For what has begun to change Chrome. */
const detachMs = 5_000

/** The worker's Chrome over CDP. Remembers through Chrome's restarts what each session occupies in it. */
export function openChrome(options: OpenChromeOptions): ChromePort {
  const { address, workerId, reloadPages, connect } = options
  const owned = new Map<string, OwnedSites>()
  const settled = new Map<string, Promise<unknown>>()

  function attach(connection: ChromeConnection): AttachedChrome {
    const gone = new AbortController()
    const underWay = new Set<Promise<ApplyResult>>()
    connection.closed.then(() => gone.abort())
    const standDown = (reason: string) => {
      gone.abort(new StoodDown(reason))
      // What this worker has in Chrome (pages, holds, ways into new tabs) goes with the connection.
      connection.close()
    }
    const turns = createTurns(connection, { workerId, onOver: standDown })
    const every = options.contexts === 'all' ? createEveryContext(connection, options) : undefined
    return {
      product: connection.product,
      gone: gone.signal,
      async lead(session, order) {
        const lead = await leadSession(turns, { ...order, session, workerId, owned, standDown })
        // Where it fails, it is tried again with the state.
        await every?.expect(session).catch(unlessChromeFails)
        return {
          ...lead,
          async leave() {
            every?.forget(session)
            await lead.leave()
          },
        }
      },
      async apply({ state, base, seen, mayBegin, beforeSwap, signal }) {
        const { session } = state
        // What stays attached to pages, and keeps new ones waiting, is for whoever acts, and for no other.
        if (every || state.origins.some(({ sessionStorage }) => sessionStorage)) await mayBegin()
        await every?.expect(session)
        const until = untilTouched(signal)
        const begin = async () => {
          await beforeSwap()
          until.touch()
        }
        const order = { state, base, seen, mayBegin, beforeSwap: begin, signal: until.signal }
        const options = { reloadPages, ...(every && { contexts: every }) }
        const applying = applyOwned(connection, order, { owned, options })
        underWay.add(applying)
        const result = await applying.finally(() => underWay.delete(applying))
        settled.set(session, result.settled)
        every?.arrived(session)
        return toApplied(result)
      },
      async heldCookies(state, signal) {
        // What a late answer undoes is put in once more; until then it is no change of the site's.
        await settled.get(state.session)
        const sites = owned.get(state.session) ?? ownedSites(state)
        return readHeld(connection, { state, owned: sites, signal })
      },
      look: (check, signal) => lookSignedIn(connection, check, { signal }),
      async detach() {
        // Half a state in Chrome would be worse than a stop that takes a moment.
        await Promise.race([Promise.allSettled(underWay), sleep(detachMs, undefined, { ref: false })])
        connection.close()
      },
    }
  }

  return {
    address,
    workerId,
    async connect(signal) {
      return attach(await (connect?.(signal) ?? connectToChrome(address, { signal })))
    },
  }
}

function unlessChromeFails(error: unknown): void {
  if (!(error instanceof CdpError)) throw error
}

function toApplied({ outcome, applyMs, refused, partial, userAgentDiffers }: ApplyResult): Applied {
  const names = [
    ...refused.map(({ name, domain, reason }) => `cookie ${name} of ${domain}: ${reason}`),
    ...partial.map(({ origin, what }) => `${what} of ${origin}`),
  ]
  return {
    outcome,
    applyMs: Math.round(applyMs * 10) / 10,
    userAgentDiffers,
    cookiesDiffer: partial.some(({ what }) => what.startsWith('cookie ')),
    ...(names.length > 0 && { detail: enumerate(names) }),
  }
}

/** The first ones say enough where it is hundreds. */
const mostNamed = 5

function enumerate(names: readonly string[]): string {
  const more = names.length - mostNamed
  return names.slice(0, mostNamed).join('; ') + (more > 0 ? `; and ${more} more` : '')
}
