/** What the page of one worker keeps; its locks go with it. */
export interface Seat {
  /** By the lock's name: how to let it go. */
  held: Map<string, () => void>
  /** By the lock's name: how to leave the queue. */
  queued: Map<string, AbortController>
  channel: BroadcastChannel
  /** Since its worker last answered. */
  unanswered: number
  /** By `performance.now()`. */
  askedAtMs: number
}

/** What the page tells its worker, through the binding `tellWorker`. */
export type SeatEvent = { turn: string } | { asked: true } | { over: true }

/** Everything that the page remembers; it has no scripts but the worker's. */
export function seatHere(): Seat {
  const place = globalThis as { seat?: Seat }
  place.seat ??= {
    held: new Map(),
    queued: new Map(),
    channel: new BroadcastChannel('workers'),
    unanswered: 0,
    askedAtMs: Number.NEGATIVE_INFINITY,
  }
  return place.seat
}

export function tell(event: SeatEvent): void {
  const { tellWorker } = globalThis as { tellWorker?: (text: string) => void }
  tellWorker?.(JSON.stringify(event))
}

/** Runs in the page, first. The lock says to the others which worker a page is. */
export async function takeSeat(workerId: string): Promise<void> {
  seatHere().channel.onmessage = onAsked
  await takeLock(`worker ${workerId} ${crypto.randomUUID()}`)
}

/**
 * Takes a lock and keeps it until it is let go or the page ends.
 * @returns false where another page has it
 */
export function takeLock(name: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const take = (lock: Lock | null) => {
      resolve(lock !== null)
      return lock ? keepLock(name) : undefined
    }
    navigator.locks.request(name, { ifAvailable: true }, take).catch(reject)
  })
}

export function keepLock(name: string): Promise<void> {
  return new Promise((letGo) => seatHere().held.set(name, letGo))
}

export function letGo(name: string): void {
  const { held } = seatHere()
  held.get(name)?.()
  held.delete(name)
}

/**
 * Another worker asks whether the one that acts is still there. A worker that was halted keeps its connection, and with it this page:
 * what it does not answer for so long is given to the next. Those that ask at once count as one, and so do those that piled up
 * while Chrome itself was halted.
 */
export function onAsked(): void {
  const seat = seatHere()
  const now = performance.now()
  if (![...seat.held.keys()].some((name) => name.startsWith('session '))) return
  if (now - seat.askedAtMs < 900) return
  seat.askedAtMs = now
  seat.unanswered += 1
  if (seat.unanswered > 5) giveAway(seat)
  else tell({ asked: true })
}

export function giveAway({ held, queued }: Seat): void {
  for (const leaving of queued.values()) leaving.abort()
  for (const name of [...held.keys()]) letGo(name)
  tell({ over: true })
}

/** Runs in the page: asks whoever acts in this Chrome. */
export function askThoseWhoAct(): void {
  seatHere().channel.postMessage('there?')
}

/** Runs in the page: the worker is there. */
export function answerAsked(): void {
  seatHere().unanswered = 0
}

export const seatFunctions = [seatHere, tell, takeLock, keepLock, letGo, onAsked, giveAway]
