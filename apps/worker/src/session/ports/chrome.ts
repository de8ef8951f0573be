import type { Check, IssuedSession, Verdict } from '@session-broker/shared'

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
  /** Aborted when Chrome or the connection has ended. */
  readonly gone: AbortSignal
  /**
   * Puts the whole state in, or nothing, and removes what the session's last one had and this one has not. Orders are
   * carried out one after the other.
   */
  apply(order: ApplyOrder): Promise<Applied>
  /** Whether this Chrome is signed in. */
  look(check: Check, signal: AbortSignal): Promise<Verdict>
  /** Ends the connection and leaves Chrome as it is. */
  detach(): void
}

export interface ApplyOrder {
  state: IssuedSession
  signal: AbortSignal
}

export interface Applied {
  /** partial: cookies are exact, some storage could not be replaced. refused: nothing was changed. */
  outcome: 'applied' | 'partial' | 'refused'
  applyMs: number
  /** Names of what was refused or is missing; never values. */
  detail?: string
  /** This Chrome's user agent is not the one that the state was given to. */
  userAgentDiffers: boolean
}
