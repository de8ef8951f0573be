import type { Clock } from '../ports/clock.ts'

/** So many looks in a row may find a change before the pauses grow. */
const freeChanges = 3
/** A minute, where Chrome is looked at every 5 seconds. */
const longestPauses = 12

/**
 * How long to leave Chrome alone between two looks at its cookies. What changes at each look is given back more and more seldom, since
 * each time costs a check at the site; one quiet look ends that.
 */
export function createPace({ clock, everyMs }: { clock: Pick<Clock, 'random'>; everyMs: number }) {
  let inRow = 0
  return {
    sawChange(): void {
      inRow += 1
    },
    sawNone(): void {
      inRow = 0
    },
    nextMs(): number {
      const pauses = Math.min(longestPauses, 2 ** Math.max(0, inRow - freeChanges))
      return everyMs * pauses * (0.8 + 0.4 * clock.random())
    },
  }
}
