import t from 'tap'
import { connectToChrome } from '../../../apps/worker/src/cdp/connect-to-chrome.ts'
import { openOwnPage, ownOrigin } from '../../../apps/worker/src/cdp/own-origin.ts'
import { openChrome, openTargets } from './open-chrome.ts'

// A place of the workers' own in each profile.
t.setTimeout(120_000)

t.test('what is kept on it is there for the next connection, out of sight', async (t) => {
  const chrome = await openChrome(t)
  const before = await openTargets(chrome)
  const page = await openOwnPage(chrome)
  await page.send('Runtime.evaluate', { expression: `localStorage.setItem('note', 'seven')` })
  await page.close()
  t.same(await openTargets(chrome), before, 'nothing is left open')

  const later = await connectToChrome(chrome.cdpUrl)
  t.teardown(later.close)
  const again = await openOwnPage(later)
  const { result } = await again.send('Runtime.evaluate', {
    expression: `[location.origin, localStorage.getItem('note'), isSecureContext, 'locks' in navigator]`,
    returnByValue: true,
  })
  t.same(result.value, [ownOrigin, 'seven', true, true])
  await again.close()
})
