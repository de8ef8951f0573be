import { readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The moments of a login at which a broker can be stopped for certain, not by luck. */
export const stopPoints = ['begun', 'permitting', 'permitted', 'answered', 'committing'] as const
export type StopPoint = (typeof stopPoints)[number]

const orderFile = (folder: string, place: string) => join(folder, `${place}.stop`)

/** What a broker calls on its way: where it was ordered to stop, it stops itself with SIGSTOP, once. */
export function createStopPoints(folder: string, place: string): (point: StopPoint) => void {
  const file = orderFile(folder, place)
  return function reach(point) {
    if (readOrder(file) === point && takeBack(file)) process.kill(process.pid, 'SIGSTOP')
  }
}

/** The order as the nemesis gives it. */
export interface StopOrder {
  isDone(): boolean
  /** False where it has been carried out already. */
  withdraw(): boolean
}

export function orderStop(folder: string, place: string, point: StopPoint): StopOrder {
  const file = orderFile(folder, place)
  writeFileSync(file, point)
  return {
    isDone: () => readOrder(file) === undefined,
    withdraw: () => takeBack(file),
  }
}

/** Whoever removes the order has decided. */
function takeBack(file: string): boolean {
  try {
    unlinkSync(file)
    return true
  } catch {
    return false
  }
}

function readOrder(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
