import { toCdpCookie } from '@session-broker/shared'
import { applySession } from '../apps/worker/src/apply/apply-session.ts'
import { type BenchLength, type BenchRow, median } from './bench-row.ts'
import { sampleState } from './sample-state.ts'
import { type ChromeWithTabs, openChromeWithTabs } from './worker/open-tabs.ts'

const cookieCount = 300
const tabCounts = [1, 30]

/**
 * What it costs that no request carries half a session: cookies tried, requests of all tabs held back, what is gone removed, read back; against
 * the bare call, which does none of it.
 */
export async function benchApplyCookies({ rounds }: BenchLength): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  for (const tabs of tabCounts) {
    await using chrome = await openChromeWithTabs(tabs)
    const ours: number[] = []
    const bare: number[] = []
    // The first of each does not count.
    for (let round = 0; round <= rounds; round++) {
      const times = [await timeApply(chrome), await timeBare(chrome)] as const
      if (round === 0) continue
      ours.push(times[0])
      bare.push(times[1])
    }
    rows.push(rowOf(tabs, { ours: median(ours), bare: median(bare) }))
  }
  return rows
}

function rowOf(tabs: number, { ours, bare }: { ours: number; bare: number }): BenchRow {
  return {
    what: `${cookieCount} cookies put in atomically, ${tabs === 1 ? 'one tab' : `${tabs} tabs`}`,
    against: 'one raw Storage.setCookies',
    ...{ goal: 50, better: 'less', unit: 'ms more', ratio: ours - bare },
    details: `${ours.toFixed(0)} : ${bare.toFixed(0)} ms`,
  }
}

async function timeApply({ connection: chrome }: ChromeWithTabs): Promise<number> {
  await chrome.send('Storage.clearCookies')
  const state = { ...sampleState(cookieCount), session: 'shop', userAgent: chrome.userAgent }
  const { outcome, applyMs } = await applySession({ chrome, state, options: { lateLooksMs: [] } })
  if (outcome !== 'applied') throw new Error(`the state is ${outcome}`)
  return applyMs
}

async function timeBare({ connection: chrome }: ChromeWithTabs): Promise<number> {
  await chrome.send('Storage.clearCookies')
  const cookies = sampleState(cookieCount).cookies.map(toCdpCookie)
  const startMs = performance.now()
  await chrome.send('Storage.setCookies', { cookies })
  return performance.now() - startMs
}
