import type { ChromeLine } from './chrome-line.ts'
import type { Claims } from './claim-sites.ts'
import type { HeldSession } from './held-session.ts'
import { createMemory } from './memory.ts'
import type { BrokerPort } from './ports/broker.ts'
import type { Clock } from './ports/clock.ts'
import type { Log } from './ports/log.ts'
import type { SendReport } from './send-reports.ts'
import { tendChrome } from './tend-chrome.ts'

/** One session in one Chrome. */
export interface KeepDependencies {
  held: HeldSession
  line: ChromeLine
  claims: Claims
  report: SendReport
  broker: Pick<BrokerPort, 'refresh'>
  clock: Clock
  log: Log
  /** About how often to look whether Chrome is signed in. */
  lookEveryMs: number
  /** Ends what goes on though its Chrome has gone. */
  stopping: AbortSignal
}

/** Keeps one Chrome signed in to one session, through its restarts, until it is stopped. */
export async function keepSignedIn(keep: KeepDependencies): Promise<void> {
  const { line, claims, held, stopping } = keep
  const memory = createMemory(keep)
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

function reportGone({ held, report }: KeepDependencies, chrome: string): void {
  const { generation = 0, revision = 0 } = held.newest() ?? {}
  report({ session: held.session, generation, revision, outcome: 'chrome_unreachable', chrome })
}
