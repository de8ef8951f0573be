import type { IssuedSession } from '@session-broker/shared'
import type { FollowedSession } from '../follow/follow-session.ts'
import { type KeepOptions, keepContext, putInto as putState } from '../in-browser/keep-context.ts'
import { asOpenContext } from './as-open-context.ts'
import type { PlaywrightContext } from './playwright-types.ts'

export { contextOptions, type StorageState, storageStateOf } from './context-options.ts'
export type { KeepOptions, PlaywrightContext }

/**
 * Puts the newest state into an open context, and every newer one, until it or the context is closed. Requests to the session’s hosts wait
 * while cookies and localStorage are replaced; what the session does not own is left alone. An older state never replaces a
 * newer one.
 */
export async function keepSignedIn(
  context: PlaywrightContext,
  options: KeepOptions,
): Promise<FollowedSession> {
  const closed = new AbortController()
  const end = () => closed.abort(new Error('the context was closed'))
  context.once('close', end)
  const signal = options.signal ? AbortSignal.any([options.signal, closed.signal]) : closed.signal
  try {
    const kept = await keepContext(asOpenContext(context), { ...options, signal })
    return {
      ...kept,
      async close() {
        context.off('close', end)
        await kept.close()
      },
    }
  } catch (error) {
    context.off('close', end)
    throw error
  }
}

/** Puts one state into an open context, once: into the context of a browser that was connected to, say. */
export function putInto(context: PlaywrightContext, session: IssuedSession): Promise<void> {
  return putState(asOpenContext(context), session)
}
