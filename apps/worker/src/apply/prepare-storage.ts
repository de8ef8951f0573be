import type { OriginStorage } from '@session-broker/shared'
import { CdpError } from '../cdp/cdp-error.ts'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import { type HiddenPage, openHiddenPage, runInPage } from '../cdp/hidden-page.ts'
import { standOnOrigin } from '../cdp/stand-on-origin.ts'
import type { PartialState } from './apply-result.ts'
import { decoders } from './in-page/decode-value.ts'
import { replaceStorage, storageFunctions } from './in-page/replace-storage.ts'
import { databaseFunctions } from './in-page/restore-database.ts'

export interface StoragePlan {
  origins: readonly OriginStorage[]
  /** Left out: the default one. */
  browserContextId?: string | undefined
  signal?: AbortSignal | undefined
}

export interface PreparedStorage {
  /** Replaces the storage of every origin. Bounded. */
  replace(): Promise<PartialState[]>
  /** Never rejects. */
  close(): Promise<void>
}

const replaceMs = 3_000
const blockedMs = 300

/**
 * Opens a hidden page on each origin, so that replacing takes milliseconds. The origin's address is answered by the
 * worker with an empty document: nothing reaches the site, and none of its scripts run. Touches no storage yet.
 */
export async function prepareStorage(
  chrome: ChromeConnection,
  { origins, browserContextId, signal }: StoragePlan,
): Promise<PreparedStorage> {
  const pages = new Map<OriginStorage, HiddenPage>()
  const close = async () => {
    await Promise.all([...pages.values()].map((page) => page.close()))
  }
  const opened = await Promise.allSettled(
    origins.map(async (storage) => {
      const page = await openHiddenPage(chrome, { browserContextId, signal })
      pages.set(storage, page)
      if (await standOnOrigin(page, storage.origin, signal)) return
      pages.delete(storage)
      await page.close()
    }),
  )
  const away = opened.find((one) => one.status === 'rejected' && !isAboutThePage(one.reason))
  if (away?.status === 'rejected') {
    await close()
    throw away.reason
  }
  return {
    async replace() {
      const failed = await Promise.all(
        origins.map(async (storage) => {
          const page = pages.get(storage)
          const parts = page ? await replaceOn(page, storage, signal) : ['all storage']
          return parts.map((what) => ({ origin: storage.origin, what }))
        }),
      )
      return failed.flat()
    },
    close,
  }
}

async function replaceOn(page: HiddenPage, storage: OriginStorage, signal?: AbortSignal): Promise<string[]> {
  const bound = { timeoutMs: replaceMs, signal }
  try {
    if (storage.indexedDB) {
      // Closes the databases in pages that have them open; deleting one would wait for those pages.
      const indexedDb = { origin: storage.origin, storageTypes: 'indexeddb' }
      await page.send('Storage.clearDataForOrigin', indexedDb, bound)
    }
    return await runInPage(
      page,
      replaceStorage,
      { ...storage, waitMs: blockedMs },
      { ...bound, alongside: [...storageFunctions, ...databaseFunctions, ...decoders] },
    )
  } catch (error) {
    if (isAboutThePage(error)) return ['all storage']
    throw error
  }
}

function isAboutThePage(error: unknown): boolean {
  return error instanceof CdpError && (error.code === 'command_refused' || error.code === 'command_timeout')
}
