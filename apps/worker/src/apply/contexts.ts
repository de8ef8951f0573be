import { CdpError } from '../cdp/cdp-error.ts'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import type { StatePlan } from './state-plan.ts'

/** Left undefined: the default context. */
export type ContextId = string | undefined

/** Which contexts of a Chrome have the sessions. */
export interface Contexts {
  readonly isEvery: boolean
  /** Those that a new state is to be put into; others take it when they come. */
  present(signal?: AbortSignal): Promise<readonly ContextId[]>
  /**
   * A state was put into these. Others that come have it from now on; nothing where it is not told how.
   * @param plan makes the plan anew, for the time at which it is carried out
   */
  keep(session: string, kept: { contexts: readonly ContextId[]; plan: () => StatePlan }): void
}

export const defaultContextOnly: Contexts = {
  isEvery: false,
  present: async () => [undefined],
  keep: () => {},
}

/** Contexts that some program has made with CDP; incognito windows are none. */
export async function listContexts(chrome: ChromeConnection, signal?: AbortSignal): Promise<string[]> {
  const { browserContextIds } = await chrome.send('Target.getBrowserContexts', undefined, { signal })
  return browserContextIds
}

/** @returns undefined where the context was disposed of meanwhile: then there is nothing to do in it */
export async function unlessDisposed<T>(
  chrome: ChromeConnection,
  browserContextId: ContextId,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    const isAboutIt =
      browserContextId !== undefined && error instanceof CdpError && error.code !== 'chrome_gone'
    if (isAboutIt && !(await listContexts(chrome)).includes(browserContextId)) return undefined
    throw error
  }
}
