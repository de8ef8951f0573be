import { ProblemError, type SessionState } from '@session-broker/shared'
import { type Door, startGallery } from '@session-broker/stage/gallery'
import type { Test } from 'tap'
import { createSiteLogin } from '../../../../apps/broker/src/browser/sign-in.ts'
import { defineSession } from '../../session/define-session.ts'
import { nobody } from '../nobody.ts'
import { openHouse } from '../open-house.ts'

/** What one sign-in at a door came to. */
export interface Walk {
  door: Door
  /** By the door's own memory of whom it let in, held against the captured state. */
  isIn: boolean
  /** Left out where the sign-in ended as if it had succeeded. */
  problem?: ProblemError
  tookMs: number
}

const loginTimeoutMs = 30_000
const atOnce = 3

/** Signs in at every door with nothing but its URL, a name and a password, and a code where its app gives one. */
export async function walkDoors(
  t: Test,
  { password }: { password: (door: Door) => string },
): Promise<Walk[]> {
  const gallery = await startGallery()
  t.teardown(() => gallery.close())
  const { house } = await openHouse(t)
  const siteLogin = createSiteLogin(house)
  const waiting = [...gallery.doors]
  const walks: Walk[] = []

  async function walk(door: Door): Promise<Walk> {
    const startMs = performance.now()
    const done = (state: SessionState | undefined, problem?: ProblemError): Walk => ({
      door,
      isIn: state !== undefined && door.isSignedIn(state),
      ...(problem && { problem }),
      tookMs: performance.now() - startMs,
    })
    try {
      const { state } = await siteLogin({
        definition: defineSession({ loginUrl: door.loginUrl, loginTimeoutMs }),
        credentials: {
          username: door.username,
          password: password(door),
          ...(door.totpSecret !== undefined && { code: () => door.nextCode() }),
        },
        requestPermit: () => Promise.resolve(),
        confirmPermit: () => undefined,
        isOver: () => false,
        prove: async (result) => result,
        askPerson: nobody,
        signal: AbortSignal.timeout(loginTimeoutMs),
      })
      return done(state)
    } catch (error) {
      if (error instanceof ProblemError) return done(undefined, error)
      // As the broker takes what it does not know.
      const [why] = String(error).split('\n')
      return done(
        undefined,
        new ProblemError('login_unknown', why ?? 'it ended by a mistake', { cause: error }),
      )
    }
  }

  async function walkOn(): Promise<void> {
    for (let door = waiting.shift(); door; door = waiting.shift()) walks.push(await walk(door))
  }
  await Promise.all(Array.from({ length: atOnce }, walkOn))
  return walks
}

/** What a sign-in must never touch, by the counters of the door. */
export function mishaps({ door }: Walk): string[] {
  const never = [
    'honeypots',
    'signUps',
    'newsletters',
    'searches',
    'resets',
    'otherAccounts',
    'logouts',
  ] as const
  const stats = door.stats()
  return [...never, 'passwordChanges' as const].filter((name) => stats[name] > 0)
}
