import type { ApplyResult } from '../apply/apply-result.ts'
import { applySession } from '../apply/apply-session.ts'
import type { OwnedSites } from '../apply/owned-sites.ts'
import { type ChromeConnection, connectToChrome } from '../cdp/connect-to-chrome.ts'
import { lookSignedIn } from '../cdp/look-signed-in.ts'
import type { Applied, AttachedChrome, ChromePort } from '../session/ports/chrome.ts'

export interface OpenChromeOptions {
  /** `http://127.0.0.1:9222`. */
  address: string
  workerId: string
  /** Reload the open pages of a session's sites after an apply. */
  reloadPages: boolean
  /** Called before each try to connect; makes that there is a Chrome, where this worker starts it. */
  ensureThere?: (signal: AbortSignal) => Promise<void>
}

/** The worker's Chrome over CDP. Remembers through Chrome's restarts what each session occupies in it. */
export function openChrome({ address, workerId, reloadPages, ensureThere }: OpenChromeOptions): ChromePort {
  const owned = new Map<string, OwnedSites>()

  function attach(connection: ChromeConnection): AttachedChrome {
    const gone = new AbortController()
    connection.closed.then(() => gone.abort())
    return {
      product: connection.product,
      gone: gone.signal,
      async apply({ state, signal }) {
        const previous = owned.get(state.session)
        const options = { reloadPages, signal }
        const result = await applySession({ chrome: connection, state, previous, options })
        owned.set(state.session, result.owned)
        return toApplied(result)
      },
      look: (check, signal) => lookSignedIn(connection, check, { signal }),
      detach: () => connection.close(),
    }
  }

  return {
    address,
    workerId,
    async connect(signal) {
      await ensureThere?.(signal)
      return attach(await connectToChrome(address, { signal }))
    },
  }
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
    ...(names.length > 0 && { detail: enumerate(names) }),
  }
}

/** The first ones say enough where it is hundreds. */
const mostNamed = 5

function enumerate(names: readonly string[]): string {
  const more = names.length - mostNamed
  return names.slice(0, mostNamed).join('; ') + (more > 0 ? `; and ${more} more` : '')
}
