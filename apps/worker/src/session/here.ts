import type { Cookie, IssuedSession, Verdict } from '@session-broker/shared'
import type { Bell } from './bell.ts'
import type { ChromeLine } from './chrome-line.ts'
import type { Claims } from './claim-sites.ts'
import type { HeldSession } from './held-session.ts'
import type { Memory } from './memory.ts'
import type { BrokerPort } from './ports/broker.ts'
import type { AttachedChrome, Lead } from './ports/chrome.ts'
import type { Clock } from './ports/clock.ts'
import type { Log } from './ports/log.ts'
import type { RefreshDesk } from './refresh-desk.ts'
import type { KeptReport, SendReport } from './send-reports.ts'
import type { Post } from './standings.ts'

/** What one session is kept in one Chrome with. */
export interface Keep {
  held: HeldSession
  line: ChromeLine
  claims: Claims
  report: SendReport
  desk: RefreshDesk
  post: Post
  /** Rings when somebody wants every Chrome looked at now. */
  calls: Pick<Bell, 'rungSince'>
  clock: Clock
  log: Log
  broker: Pick<BrokerPort, 'electWriter' | 'writeBack'>
  /** About how often to look whether Chrome is signed in. */
  lookEveryMs: number
  /** About how often to look whether Chrome's cookies are to be given back; left out: never. */
  writeBackEveryMs?: number | undefined
  /** The worker is to end: what is to be said before it does is said now. */
  ending: AbortSignal
  /** Ends what goes on though its Chrome has gone. */
  stopping: AbortSignal
}

/** One session in one Chrome, from its start (or ours) to its end (or ours). */
export interface Here {
  chrome: AttachedChrome
  /** Undefined where the wait for it was ended by the signal. */
  lead: Promise<Lead | undefined>
  memory: Memory
  /** Aborted when Chrome goes, and when the worker stops. */
  signal: AbortSignal
  /** The newest state that this Chrome was offered, whether it took it or not. */
  offered?: IssuedSession
  /** What it holds. */
  applied?: IssuedSession
  userAgentDiffers?: boolean
  /** Some cookie is not as the state has it. */
  cookiesDiffer?: boolean
  report?: KeptReport
  seen?: Verdict
  /** What its Chrome held when that was given back, or could not be since another is the writer. */
  held?: { cookies: readonly Cookie[]; atMs: number }
}

/** Waits to be the one that acts here. Rejects with the signal's reason. */
export async function leadOf({ lead, signal }: Pick<Here, 'lead' | 'signal'>): Promise<Lead> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  try {
    // What ends the wait for it ends all that is done here.
    return (await Promise.race([lead, promise])) ?? (await promise)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
