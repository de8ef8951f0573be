import { highEntropyHints, type UserAgentMetadata, userAgentMetadataOf } from '@session-broker/shared'
import { CdpError } from '../cdp/cdp-error.ts'
import type { ChromeConnection } from '../cdp/connect-to-chrome.ts'
import { openHiddenPage, runInPage } from '../cdp/hidden-page.ts'
import { standOnOrigin } from '../cdp/stand-on-origin.ts'

/** A secure context, as client hints want it, and no site of anybody's. */
const secureOrigin = 'http://localhost'
const readMs = 3_000

/** What this Chrome answers to client hints, read in a hidden page; undefined where it answers none. */
export async function readClientHints(
  chrome: ChromeConnection,
  signal?: AbortSignal,
): Promise<UserAgentMetadata | undefined> {
  const page = await openHiddenPage(chrome, { signal })
  try {
    if (!(await standOnOrigin(page, secureOrigin, signal))) return undefined
    const hints = [...highEntropyHints]
    return userAgentMetadataOf(await runInPage(page, askForHints, hints, { timeoutMs: readMs, signal }))
  } catch (error) {
    if (error instanceof CdpError && error.code !== 'chrome_gone') return undefined
    throw error
  } finally {
    await page.close()
  }
}

interface WithClientHints {
  /** Not in Chromes of before 2021. */
  userAgentData?: { getHighEntropyValues(hints: string[]): Promise<unknown> }
}

/** Runs in the page. */
function askForHints(hints: string[]): unknown {
  return (navigator as WithClientHints).userAgentData?.getHighEntropyValues(hints)
}
