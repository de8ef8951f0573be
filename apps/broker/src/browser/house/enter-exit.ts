import type { Page } from 'playwright'

interface Entry {
  username: string
  password: string
  doorbell: string
}

/**
 * Signs the context in to its exit: the browser keeps the credentials for all of it, so that only the doorbell is asked for
 * twice. Playwright's own way would stop each request of the whole visit, and turn the cache off.
 */
export async function enterExit(page: Page, { username, password, doorbell }: Entry): Promise<void> {
  const session = await page.context().newCDPSession(page)
  session.on('Fetch.requestPaused', ({ requestId }) => {
    void session.send('Fetch.continueRequest', { requestId }).catch(() => undefined)
  })
  session.on('Fetch.authRequired', ({ requestId }) => {
    const authChallengeResponse = { response: 'ProvideCredentials', username, password } as const
    void session.send('Fetch.continueWithAuth', { requestId, authChallengeResponse }).catch(() => undefined)
  })
  await session.send('Fetch.enable', { handleAuthRequests: true, patterns: [{ urlPattern: `${doorbell}*` }] })
  await page.evaluate((url) => fetch(url, { mode: 'no-cors' }), doorbell)
  await session.detach()
}
