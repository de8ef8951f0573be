import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import type { ApplyOrder } from '../session/ports/chrome.ts'
import type { ApplyOptions } from './apply-request.ts'
import type { ApplyResult } from './apply-result.ts'
import { applySession } from './apply-session.ts'
import { type OwnedSites, ownedSites } from './owned-sites.ts'

export interface OwnedApply {
  /** What each session occupies in this Chrome, as far as it is known. */
  owned: Map<string, OwnedSites>
  options: Pick<ApplyOptions, 'reloadPages' | 'contexts'>
}

/**
 * Puts a state in, and remembers what it occupies. What others had put in may become known only when it is this worker's turn;
 * where the plan was made without some of it, it is made anew.
 */
export async function applyOwned(
  chrome: ChromeConnection,
  { state, base, seen, mayBegin, beforeSwap, signal }: ApplyOrder,
  { owned, options }: OwnedApply,
): Promise<ApplyResult> {
  const { session } = state
  for (;;) {
    const previous = owned.get(session)
    let isShort = false
    const unlessShort = async () => {
      await mayBegin()
      isShort = !covers(ownedSites(state, previous), owned.get(session))
      if (isShort) throw new Error('more is known by now')
    }
    try {
      const all = { ...options, mayBegin: unlessShort, beforeSwap, signal }
      const result = await applySession({ chrome, state, base, seen, previous, options: all })
      owned.set(session, result.owned)
      return result
    } catch (error) {
      if (!isShort) throw error
    }
  }
}

function covers(plan: OwnedSites, known: OwnedSites | undefined): boolean {
  if (!known) return true
  return (
    known.domains.every((domain) => plan.domains.includes(domain)) &&
    known.origins.every((origin) => plan.origins.includes(origin))
  )
}
