import { type IssuedSession, isNewer, type SessionEvent } from '@session-broker/shared'
import type { BrokerClient } from '../broker-client.ts'
import type { CurrentSession } from '../read-cookies.ts'
import { createBackOff, waitFor } from '../waiting.ts'
import { isFinal } from '../watch/final-problems.ts'
import { createAgain } from './again.ts'
import { isAhead, mostLooks, notGiven } from './not-given.ts'
import { settledBy } from './settled-by.ts'
import { createSignedOutDesk, type SignedOutAnswer, type SignedOutOptions } from './tell-signed-out.ts'
import { warnOfTrouble } from './trouble.ts'

export interface FollowOptions {
  client: Pick<BrokerClient, 'cookies' | 'refresh' | 'watch'>
  /** Left out: the client’s own, or the one that the broker takes by itself. */
  session?: string | undefined
  /** Ends the following, as `close` does. */
  signal?: AbortSignal | undefined
  /**
   * Gets the first state, and every newer one, never an older one, and never two at a time. What comes meanwhile is
   * left out for the newest. When it fails it is called again, after a pause that grows.
   */
  onState?: ((state: IssuedSession) => unknown) | undefined
  /** What goes wrong meanwhile; the following goes on, unless `isFinal(error)`. Left out: a process warning. */
  onTrouble?: ((error: unknown) => void) | undefined
  /** A generation that the broker found alive, or could not renew, is told of again after so long; left out: a minute. */
  tellAgainMs?: number | undefined
}

/** The newest state of one session, kept current until it is closed. */
export interface FollowedSession {
  readonly session: string
  /** The newest state that `onState` is done with. */
  current(): IssuedSession
  /**
   * Says that a state was seen signed out. All who say so of one generation share one question to the broker, and get its answer when the
   * newer state is there. Throws the login’s own problem when it fails.
   */
  signedOut(options?: SignedOutOptions): Promise<SignedOutAnswer>
  /** Ends the following; `onState` is not called after it. */
  close(): Promise<void>
}

/** A replica may learn of a generation a little later than the one that announced it. */
const announcedWaitSeconds = 5
/** For whoever waits for the newest state to be handed on. */
const handedOnWithinMs = 60_000
const retry = { firstMs: 500, longestMs: 30_000, random: Math.random }

/** Fetches the newest state, hands it to `onState`, and goes on with every newer one. Throws where there is none to be had. */
export async function followSession(options: FollowOptions): Promise<FollowedSession> {
  const { client, onState = () => undefined, onTrouble = warnOfTrouble, tellAgainMs } = options
  const stop = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
  let held = stateOf(await client.cookies({ session: options.session, signal }))
  await onState(held.state)
  let delivered = held.state
  const { session } = held.state

  const deliver = createAgain(async () => {
    const backOff = createBackOff(retry)
    while (delivered !== held.state && !signal.aborted) {
      const next = held.state
      try {
        await onState(next)
        delivered = next
      } catch (error) {
        if (signal.aborted) return
        onTrouble(error)
        await waitFor(backOff.nextMs(), signal)
      }
    }
  })

  const look = createAgain(async () => {
    const ifNoneMatch = held.etag
    const answer = await client.cookies({ session, ifNoneMatch, waitSeconds: announcedWaitSeconds, signal })
    if (answer.kind === 'session' && isNewer(answer.session, held.state)) held = stateOf(answer)
  })
  const following = follow({ client, session, signal, onTrouble }, async (event) => {
    if (event.generation === held.state.generation && event.revision === held.state.revision) return true
    await look()
    // What can't be handed on now must not keep news away: it is the newest that is handed on in the end.
    deliver().catch(() => undefined)
    return !isAhead(event, held.state)
  })
  const signedOut = createSignedOutDesk({
    ...{ client, session, signal, tellAgainMs },
    current: () => delivered,
    async fetchNewest() {
      await look()
      await settledBy(deliver(), AbortSignal.timeout(handedOnWithinMs))
    },
  })
  return {
    session,
    current: () => delivered,
    signedOut,
    async close() {
      stop.abort(new Error('the session is no longer followed'))
      await following
      await deliver().catch(() => undefined)
    },
  }
}

type Held = { state: IssuedSession; etag: string }

function stateOf(answer: CurrentSession): Held {
  return { state: answer.session, etag: answer.etag }
}

/** Never rejects. What was announced and could not be had is asked for again. */
async function follow(
  { client, session, signal, onTrouble }: Following,
  hear: (event: Told) => Promise<boolean>,
): Promise<void> {
  const backOff = createBackOff(retry)
  const hearOrTell = async (event: Told): Promise<'given' | 'not_given' | 'failed'> => {
    try {
      return (await hear(event)) ? 'given' : 'not_given'
    } catch (error) {
      if (signal.aborted || isFinal(error)) throw error
      onTrouble(error)
      return 'failed'
    }
  }
  const listen = async (event: Told) => {
    for (let looks = 0; !signal.aborted && event.generation > 0; ) {
      const heard = await hearOrTell(event)
      if (heard === 'given') return
      if (heard === 'not_given') looks += 1
      if (looks === mostLooks) return onTrouble(notGiven())
      await waitFor(backOff.nextMs(), signal)
    }
  }
  try {
    for await (const event of client.watch({ session, signal })) {
      await listen(event)
      backOff.reset()
    }
  } catch (error) {
    if (!signal.aborted) onTrouble(error)
  }
}

type Told = Pick<SessionEvent, 'generation' | 'revision'>

interface Following extends Pick<FollowOptions, 'client'> {
  onTrouble: (error: unknown) => void
  session: string
  signal: AbortSignal
}
