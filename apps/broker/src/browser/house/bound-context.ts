import type { BrowserContext } from 'playwright'

/** More windows than any sign-in has open at once. */
const mostPages = 10

/** Closes the windows that a page opens beyond all measure. Downloads are refused by the context itself, and permissions never given. */
export function boundContext(context: BrowserContext): void {
  context.on('page', (page) => {
    if (context.pages().length > mostPages) void page.close().catch(() => undefined)
  })
}
