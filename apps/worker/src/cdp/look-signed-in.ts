import { setTimeout as sleep } from 'node:timers/promises'
import { type Check, hasPositiveSign, judge, type Sighting, type Verdict } from '@session-broker/shared'
import { CdpError } from './cdp-error.ts'
import type { ChromeConnection } from './connect-to-chrome.ts'
import { type HiddenPage, openHiddenPage } from './hidden-page.ts'
import { readDocument, readResponse } from './read-page.ts'
import { watchDocument } from './watch-document.ts'
import { watchTraffic } from './watch-traffic.ts'

export interface LookOptions {
  signal?: AbortSignal | undefined
  /** For everything; left out: 15 s. */
  timeoutMs?: number
}

const pollMs = 100
/** How long a page's scripts may take to show what the check is for. */
const settleMs = 5_000
/** A page that has not changed for this long, with nothing on its way, is taken as it is. */
const restMs = 500

/**
 * Whether this Chrome is signed in, by the session's check: its URL is loaded in a hidden page of the default
 * context, with the cookies (and for `in: browser` the storage and the scripts) that a tab would have.
 *
 * @returns `unclear` when no answer came in time, or after more than five redirects
 * @throws CdpError when Chrome itself is away; the signal's reason
 */
export async function lookSignedIn(
  chrome: ChromeConnection,
  check: Check,
  { signal, timeoutMs = 15_000 }: LookOptions = {},
): Promise<Verdict> {
  const inTime = AbortSignal.timeout(timeoutMs)
  const bound = signal ? AbortSignal.any([signal, inTime]) : inTime
  try {
    const page = await openHiddenPage(chrome, { signal: bound })
    try {
      return await lookOn(page, check, bound)
    } finally {
      await page.close()
    }
  } catch (error) {
    signal?.throwIfAborted()
    if (inTime.aborted || isAboutThePage(error)) return 'unclear'
    throw error
  }
}

async function lookOn(page: HiddenPage, check: Check, signal: AbortSignal): Promise<Verdict> {
  const answered = watchDocument(page, signal)
  const isRestless = watchTraffic(page)
  // It is awaited only where the navigation itself went well.
  answered.catch(() => {})
  await quieten(page, check, signal)
  const { errorText } = await page.send('Page.navigate', { url: check.url }, { signal, timeoutMs: 60_000 })
  if (errorText) return 'unclear'
  const document = await answered
  if (document.redirects > 5) return 'unclear'
  if (check.in === 'http') return judge(check.expect, await readResponse(page, document, signal))
  const read = () => readDocument(page, document.status, check.expect.selector, signal)
  return judgeWhenSettled(check, { read, isRestless, signal })
}

/** A dialog or a request that is gone by the time of the answer needs none. */
const needsNoAnswer = () => {}

/** No script runs where the cookies suffice, no dialog stays open, and nothing but documents is loaded then. */
async function quieten(page: HiddenPage, check: Check, signal: AbortSignal): Promise<void> {
  page.on('Page.javascriptDialogOpening', () => {
    page.send('Page.handleJavaScriptDialog', { accept: false }).catch(needsNoAnswer)
  })
  page.on('Fetch.requestPaused', ({ requestId }) => {
    page.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' }).catch(needsNoAnswer)
  })
  const blocked = (['Stylesheet', 'Image', 'Media', 'Font', 'Script'] as const).map((resourceType) => ({
    urlPattern: '*',
    resourceType,
  }))
  await Promise.all([
    page.send('Page.enable', {}, { signal }),
    page.send('Network.enable', {}, { signal }),
    ...(check.in === 'http'
      ? [
          page.send('Emulation.setScriptExecutionDisabled', { value: true }, { signal }),
          page.send('Fetch.enable', { patterns: blocked }, { signal }),
        ]
      : []),
  ])
}

interface Settling {
  read: () => Promise<Sighting | undefined>
  isRestless: () => boolean
  signal: AbortSignal
}

/**
 * Looks until the page shows what the check is for, or the time for that is over. What a page does not show counts once it
 * rests: an app that has only begun to draw has no password field either.
 */
async function judgeWhenSettled({ expect }: Check, { read, isRestless, signal }: Settling): Promise<Verdict> {
  const end = performance.now() + settleMs
  let before: Sighting | undefined
  let restingSince = performance.now()
  for (;;) {
    const seen = await read()
    const verdict = seen ? judge(expect, seen) : 'unclear'
    if (seen?.body !== before?.body || isRestless()) restingSince = performance.now()
    const rests = performance.now() - restingSince >= restMs
    const isShown = hasPositiveSign(expect) ? verdict === 'signed_in' : rests
    if (isShown || (rests && seen?.hasPasswordField) || performance.now() > end) return verdict
    before = seen
    await sleep(pollMs, undefined, { signal })
  }
}

/** The page was closed, or navigated on, while it was looked at. */
function isAboutThePage(error: unknown): boolean {
  return error instanceof CdpError && (error.code === 'command_refused' || error.code === 'command_timeout')
}
