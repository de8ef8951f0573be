import { keepLock, letGo, seatHere, takeLock, tell } from './seat.ts'

export interface Queued {
  /** The worker that acts, where it could be told. */
  acting: string | null
  /** From 2 on: this worker's number among those that stand by under its name; 1 where it has the name for itself. */
  place: number
}

/**
 * Runs in the page: takes the session's turn, or gets in line for it; `turn` is told when it comes.
 * @returns null where this worker acts now
 */
export async function takeTurn({
  session,
  workerId,
}: {
  session: string
  workerId: string
}): Promise<Queued | null> {
  const name = `session ${session}`
  const { held, queued } = seatHere()
  if (held.has(name) || (!queued.has(name) && (await takeLock(name)))) return null
  const acting = await findActing(name)
  const place = acting === workerId ? await takePlace(session, workerId) : 1
  if (!queued.has(name)) queueFor(session)
  return { acting, place }
}

export function queueFor(session: string): void {
  const name = `session ${session}`
  const { queued } = seatHere()
  const leaving = new AbortController()
  queued.set(name, leaving)
  const take = () => {
    queued.delete(name)
    leavePlaces(session)
    const kept = keepLock(name)
    tell({ turn: session })
    return kept
  }
  // Refused only where it was left.
  navigator.locks.request(name, { signal: leaving.signal }, take).catch(() => {
    // It may be in line anew already.
    if (queued.get(name) === leaving) queued.delete(name)
  })
}

/** The worker whose page holds the lock. */
export async function findActing(name: string): Promise<string | null> {
  const { held = [] } = await navigator.locks.query()
  const holder = held.find((lock) => lock.name === name)
  const worker = held.find((lock) => lock.clientId === holder?.clientId && lock.name?.startsWith('worker '))
  return worker?.name?.split(' ')[1] ?? null
}

/** Workers of one name stand by under numbers, the lowest that is free each. */
export async function takePlace(session: string, workerId: string): Promise<number> {
  const { held } = seatHere()
  for (let place = 2; ; place++) {
    const name = `place ${session} ${workerId} ${place}`
    if (held.has(name) || (await takeLock(name))) return place
  }
}

export function leavePlaces(session: string): void {
  for (const name of [...seatHere().held.keys()]) if (name.startsWith(`place ${session} `)) letGo(name)
}

/** Runs in the page: lets everything go that the session has here. */
export function leaveTurn(session: string): void {
  const { held, queued } = seatHere()
  const name = `session ${session}`
  queued.get(name)?.abort()
  queued.delete(name)
  leavePlaces(session)
  const owned = `owner ${session} `
  for (const lock of [...held.keys()]) {
    if (!lock.startsWith(owned)) continue
    letGo(`site ${lock.slice(owned.length)}`)
    letGo(lock)
  }
  letGo(name)
}

export const turnFunctions = [queueFor, findActing, takePlace, leavePlaces]
