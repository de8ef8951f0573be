import { unseenFeatures } from '@session-broker/chrome'
import t from 'tap'
import { toLoopback } from '../../exit/local-exits.ts'
import { openHouse } from '../open-house.ts'

const { house } = await openHouse(t)
const signal = AbortSignal.timeout(60_000)

t.test('all that Playwright turns off stays off, and the pages of an address bar are not made', async (t) => {
  await house.withContext({ signal, exit: toLoopback }, async (_context, browser) => {
    const chrome = await browser.newBrowserCDPSession()
    const { commandLine } = await chrome.send('SystemInfo.getInfo')
    const said = [...commandLine.matchAll(/--disable-features=(\S+)/g)].map(([, names]) => names?.split(','))
    t.equal(said.length, 2)
    t.same(said[1], [...(said[0] ?? []), ...unseenFeatures])

    const { targetInfos } = await chrome.send('Target.getTargets', { filter: [{}] })
    t.same([...new Set(targetInfos.map(({ type }) => type))].sort(), ['page', 'tab'])
  })
})
