import type { OriginStorage } from '@session-broker/shared'
import { CdpError } from '../cdp/cdp-error.ts'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import { openHiddenPage, runInPage } from '../cdp/hidden-page.ts'
import { standOnOrigin } from '../cdp/stand-on-origin.ts'
import { type CollectedStorage, collectors, collectStorage } from './in-page/collect-storage.ts'
import { encoders } from './in-page/encode-value.ts'

export interface ReadStorage {
  /** Absent where the origin keeps nothing. */
  storage?: OriginStorage
  /** What could not be read, by name. */
  lost: string[]
}

const collectMs = 15_000

/** What an origin keeps in the default context, read in a hidden page of which the site hears nothing. */
export async function readStorage(
  chrome: ChromeConnection,
  origin: string,
  signal?: AbortSignal,
): Promise<ReadStorage> {
  const page = await openHiddenPage(chrome, { signal })
  try {
    if (!(await standOnOrigin(page, origin, signal))) return { lost: [] }
    const alongside = [...collectors, ...encoders]
    const text = await runInPage(page, collectStorage, origin, { timeoutMs: collectMs, signal, alongside })
    const { lost, ...storage }: CollectedStorage = JSON.parse(text)
    const isEmpty = storage.localStorage.length === 0 && storage.indexedDB?.length === 0
    return { lost, ...(!isEmpty && { storage }) }
  } catch (error) {
    if (error instanceof CdpError && error.code !== 'chrome_gone') return { lost: ['all storage'] }
    throw error
  } finally {
    await page.close()
  }
}
