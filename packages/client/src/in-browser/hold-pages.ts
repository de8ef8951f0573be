import { settledBy } from '../follow/settled-by.ts'
import type { Concerns } from './open-context.ts'
import { isConcerned } from './reload-pages.ts'

/** A `CDPSession`, of Playwright or Puppeteer. */
export interface CdpSession {
  send(method: 'Fetch.enable', params: { patterns: { urlPattern: string }[] }): Promise<unknown>
  send(method: 'Fetch.continueRequest', params: { requestId: string }): Promise<unknown>
  send(
    method: 'Fetch.fulfillRequest',
    params: {
      requestId: string
      responseCode: number
      responseHeaders: { name: string; value: string }[]
      body: string
    },
  ): Promise<unknown>
  send(method: 'Runtime.evaluate', params: { expression: string }): Promise<unknown>
  on(
    event: 'Fetch.requestPaused',
    handler: (paused: { requestId: string; request: { url: string } }) => void,
  ): unknown
  detach(): Promise<void>
}

interface PagesToHold<Page> {
  concerns: Concerns
  /** A session of its own, so that interception which the program uses itself is not touched; it comes after ours. */
  attach: (page: Page) => Promise<CdpSession | undefined>
}

/** How long a page may take to learn the new way of its requests. */
const settleMs = 2_000

/** Holds back the requests of open pages to some addresses, until what it gives is called. */
export async function holdPages<Page extends { isClosed(): boolean }>(
  pages: readonly Page[],
  { concerns, attach }: PagesToHold<Page>,
): Promise<() => Promise<void>> {
  const hold = async (page: Page) => {
    const cdp = await attach(page)
    return cdp && holdPage(cdp, concerns)
  }
  const holds = await Promise.allSettled(pages.map(hold))
  const release = async () => {
    await Promise.all(holds.map((one) => one.status === 'fulfilled' && one.value?.()))
  }
  // A page that has closed meanwhile asks for nothing any more.
  const failed = holds.find((one, at) => one.status === 'rejected' && !pages[at]?.isClosed())
  if (failed?.status !== 'rejected') return release
  await release()
  throw failed.reason
}

async function holdPage(cdp: CdpSession, concerns: Concerns): Promise<() => Promise<void>> {
  const gate = Promise.withResolvers<void>()
  const passed: Promise<unknown>[] = []
  cdp.on('Fetch.requestPaused', ({ requestId, request }) => {
    // One whose page is gone by then needs nothing.
    const go = () => cdp.send('Fetch.continueRequest', { requestId }).catch(() => undefined)
    passed.push(isConcerned(concerns, request.url) ? gate.promise.then(go) : go())
  })
  const release = async () => {
    gate.resolve()
    await Promise.all(passed)
    await cdp.detach().catch(() => undefined)
  }
  try {
    // The command counts for the document that is there: one on its way has to come in first.
    await settle(cdp)
    // What the page asks for before it knows of the command goes the old way.
    await Promise.all([cdp.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }), settle(cdp)])
    return release
  } catch (error) {
    await release()
    throw error
  }
}

/** Answered by the page's main thread, after what it was told before. A stuck page is not waited for. */
async function settle(cdp: CdpSession): Promise<void> {
  const answered = cdp.send('Runtime.evaluate', { expression: '0' })
  await settledBy(answered, AbortSignal.timeout(settleMs)).catch(() => undefined)
}
