import type { IssuedSession } from '@session-broker/shared'
import { type FollowedSession, type FollowOptions, followSession } from '../follow/follow-session.ts'
import { warnOfTrouble } from '../follow/trouble.ts'
import type { OpenContext } from './open-context.ts'
import { replaceState } from './replace-state.ts'

export interface KeepOptions extends Omit<FollowOptions, 'onState'> {
  /** The state that the context was made with: it is not put in again. */
  from?: IssuedSession | undefined
  /** Reload the session’s open pages when a newer state was put in. Left out: they go on with what they have in memory. */
  reload?: boolean | undefined
}

/** Puts the newest state into an open context, and every newer one, until it is closed. */
export function keepContext(context: OpenContext, options: KeepOptions): Promise<FollowedSession> {
  const { from, reload, onTrouble = warnOfTrouble, ...follow } = options
  let former = from
  return followSession({
    ...follow,
    onTrouble,
    async onState(state) {
      if (former && isSameVersion(state, former)) return
      const isNewer = former !== undefined
      const left = await putState(context, { state, former, reload: reload && isNewer })
      former = state
      if (left.length > 0) onTrouble(new Error(notReplaced(left)))
    },
  })
}

/** @throws where something could not be put in */
export async function putInto(context: OpenContext, state: IssuedSession): Promise<void> {
  const left = await putState(context, { state, former: undefined })
  if (left.length > 0) throw new Error(notReplaced(left))
}

function putState(
  context: OpenContext,
  change: Pick<Parameters<typeof replaceState>[1], 'state' | 'former' | 'reload'>,
): Promise<string[]> {
  return replaceState(context, { ...change, nowSeconds: Date.now() / 1000 })
}

function isSameVersion(a: IssuedSession, b: IssuedSession): boolean {
  return a.generation === b.generation && a.revision === b.revision && a.obtainedAt === b.obtainedAt
}

function notReplaced(left: readonly string[]): string {
  return `could not be replaced in the open context: ${left.join(', ')}`
}
