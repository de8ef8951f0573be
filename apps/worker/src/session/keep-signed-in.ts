import type { Keep } from './here.ts'
import type { Memory } from './memory.ts'
import { tendChrome } from './tend-chrome.ts'

/** Keeps one Chrome signed in to one session, through its restarts, until it is stopped. */
export async function keepSignedIn(keep: Keep): Promise<void> {
  const { line, claims, held, stopping } = keep
  const memory: Memory = {}
  try {
    while (!stopping.aborted) {
      const chrome = await line.attached(stopping)
      await tendChrome(keep, { chrome, memory, signal: AbortSignal.any([stopping, chrome.gone]) })
      if (!stopping.aborted) reportGone(keep, chrome.product)
    }
  } finally {
    claims.release(held.session)
  }
}

function reportGone({ held, report }: Keep, chrome: string): void {
  const { generation = 0, revision = 0 } = held.newest() ?? {}
  report({ session: held.session, generation, revision, outcome: 'chrome_unreachable', chrome })
}
