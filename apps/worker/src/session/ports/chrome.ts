import type { Check, Cookie, IssuedSession, Verdict, Version } from '@session-broker/shared'
import type { Overlap } from '../claim-sites.ts'

/** A place where a Chrome is, or will be again. */
export interface ChromePort {
  /** For people, e.g. `http://127.0.0.1:9222`. */
  readonly address: string
  /** The name under which this Chrome is reported. */
  readonly workerId: string
  /** One try, bounded in time. Throws when no Chrome answers, in a sentence that says what to do. */
  connect(signal: AbortSignal): Promise<AttachedChrome>
}

/** A Chrome that is there. Its methods throw when it goes away meanwhile. */
export interface AttachedChrome {
  /** Product and version. */
  readonly product: string
  /** Aborted when Chrome or the connection has ended; by `StoodDown` where this worker has ended it. */
  readonly gone: AbortSignal
  /**
   * Waits until this worker is the one that acts for the session in this Chrome; of several workers with one Chrome, the others
   * stand by. It then acts until it leaves, or Chrome is gone. Rejects when the signal is aborted.
   */
  lead(session: string, order: LeadOrder): Promise<Lead>
  /**
   * Puts the whole state in, or nothing, and removes what the session's last one had and this one has not. Orders are
   * carried out one after the other.
   */
  apply(order: ApplyOrder): Promise<Applied>
  /** The session's cookies as Chrome holds them now, which was given this state; once they stand still, or after a second. */
  heldCookies(state: IssuedSession, signal: AbortSignal): Promise<HeldCookies>
  /** Whether this Chrome is signed in. */
  look(check: Check, signal: AbortSignal): Promise<Verdict>
  /** Brings to its end what has begun to change Chrome, ends the connection, and leaves Chrome as it is. */
  detach(): Promise<void>
}

export interface LeadOrder {
  signal: AbortSignal
  /** Called once, where this worker has to wait. */
  onStandBy(place: StandBy): void
}

export interface StandBy {
  /** The name under which this worker is reported while it stands by: not that of the one that acts. */
  workerId: string
  /** The worker that acts, where it can be told. */
  acting?: string | undefined
}

/** The right to act for a session in a Chrome. Whoever has lost it finds `StoodDown`, and its connection has ended. */
export interface Lead {
  /** Takes the sites for the session, all of them or none. */
  claim(sites: readonly string[]): Promise<Claimed>
  /**
   * Asked before Chrome is touched: a worker may have been halted, and another one stood in for it.
   * @param goesIn what is put in next; whoever acts later is told of it
   */
  confirm(goesIn?: IssuedSession): Promise<void>
  /** Lets the next act. Never rejects. */
  leave(): Promise<void>
}

export interface Claimed {
  /** What a session in other hands has already. */
  overlap?: Overlap
  /** The newest that any worker has put into this Chrome for the session, or begun to. */
  last?: Version
}

/** Why a connection has ended: this worker acts no more, and leaves nothing of its own in Chrome. */
export class StoodDown extends Error {
  override readonly name = 'StoodDown'

  constructor(reason: string) {
    super(`This worker stands down: ${reason}`)
  }
}

export interface ApplyOrder {
  state: IssuedSession
  /**
   * The revision of the same generation that this Chrome was given before: what Chrome has changed since stays, and no page is reloaded.
   * Left out: all is replaced.
   */
  base?: IssuedSession | undefined
  /** What Chrome held when it was last read, before this state came to be: of this the state's newer cookies take the place. */
  seen?: readonly Cookie[] | undefined
  /** Awaited once all is made ready, before requests are held back; where it rejects, nothing was touched. */
  mayBegin: () => Promise<void>
  /** Right before the first change; where it rejects, nothing was changed. */
  beforeSwap: () => Promise<void>
  signal: AbortSignal
}

export interface HeldCookies {
  cookies: Cookie[]
  /** Names of those that are no longer as the state has them. */
  changed: string[]
}

export interface Applied {
  /** partial: cookies are exact, some storage could not be replaced. refused: nothing was changed. */
  outcome: 'applied' | 'partial' | 'refused'
  applyMs: number
  /** Names of what was refused or is missing; never values. */
  detail?: string
  /** This Chrome's user agent is not the one that the state was given to. */
  userAgentDiffers: boolean
  /** Some cookie is not as the state has it, though it was put in. */
  cookiesDiffer?: boolean
}
