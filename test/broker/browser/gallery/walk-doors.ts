import { ProblemError, recipeSchema, type SessionState } from '@session-broker/shared'
import { type Door, type Mood, startGallery } from '@session-broker/stage/gallery'
import type { Test } from 'tap'
import { createBrowserLook } from '../../../../apps/broker/src/browser/look-in-browser.ts'
import { createSiteLogin } from '../../../../apps/broker/src/browser/sign-in/sign-in.ts'
import { deriveCheck } from '../../../../apps/broker/src/session/derive-check.ts'
import type { SiteLook } from '../../../../apps/broker/src/session/ports/site-look.ts'
import { createHttpLook } from '../../../../apps/broker/src/site-http/look-by-http.ts'
import { openLocalExits } from '../../exit/local-exits.ts'
import { defineSession } from '../../session/define-session.ts'
import { takeTurns } from '../few-at-once.ts'
import { nobody } from '../nobody.ts'
import { openHouse } from '../open-house.ts'

/** What one sign-in at a door came to. */
export interface Walk {
  door: Door
  /** By the door's own memory of whom it let in, held against the captured state. */
  isIn: boolean
  /** The broker would publish it: the sign-in came to its end, and a check that tells it from a stranger was derived. */
  isCalledIn: boolean
  /** Left out where it is called signed in. */
  problem?: ProblemError
  /** Readings of pages that were acted on. */
  steps: number
  /** Whether a form was found. */
  isFound: boolean
  tookMs: number
}

export interface WalkOptions {
  /** Left out: the right one. */
  password?: (door: Door) => string
  /** Left out: what the door's app shows, where it has one. */
  code?: (door: Door) => Promise<string>
  /** Left out: all doors. */
  at?: (door: Door) => boolean
  /** How the door behaves: from the beginning, or from just before the password is typed. */
  mood?: { is: Mood; from: 'beginning' | 'password' }
  loginTimeoutMs?: number
}

/**
 * Signs in at doors with nothing but their URL, a name and a password, and a code where their app gives one, as the broker does:
 * derives a check as well, from the state alone. Whatever asks for walks, a few are under way at once in one browser.
 */
export async function openDoorWalks(t: Test): Promise<(t: Test, options?: WalkOptions) => Promise<Walk[]>> {
  const exits = await openLocalExits()
  t.teardown(() => exits.close())
  const { house } = await openHouse(t, { exits })
  const byHttp = createHttpLook({ clock: { now: () => Date.now() }, exits })
  const inBrowser = createBrowserLook(house)
  const look: SiteLook = (request) => (request.in === 'http' ? byHttp(request) : inBrowser(request))
  const inTurn = takeTurns()

  return async (t, options = {}) => {
    const { at = () => true } = options
    const gallery = await startGallery()
    t.teardown(() => gallery.close())
    const doors = gallery.doors.filter(at)
    return Promise.all(doors.map((door) => inTurn(() => walk({ door, house, look, options }))))
  }
}

interface WalkPlace {
  door: Door
  house: Parameters<typeof createSiteLogin>[0]
  look: SiteLook
  options: WalkOptions
}

async function walk({ door, house, look, options }: WalkPlace): Promise<Walk> {
  const { mood, loginTimeoutMs = 45_000 } = options
  const startMs = performance.now()
  let steps = 0
  let isFound = false
  let state: SessionState | undefined
  const siteLogin = createSiteLogin(house, {
    onStep: (_, step) => {
      if (step.what === 'read' && !/^(?:opened|landed)/.test(step.text)) steps += 1
      if (step.what === 'read' && step.text.startsWith('form')) isFound = true
    },
  })
  const signal = AbortSignal.timeout(loginTimeoutMs)
  const { loginUrl } = door
  if (mood?.from === 'beginning') door.setMood(mood.is)
  const problem = await siteLogin({
    definition: defineSession({
      ...{ session: door.name, loginUrl, loginTimeoutMs },
      // What no reading can know: such pages look like any other.
      recipe: recipeSchema.parse({ sessionStorage: door.keptIn === 'sessionStorage' }),
    }),
    credentials: {
      username: door.username,
      password: options.password?.(door) ?? door.password,
      ...(door.totpSecret !== undefined && { code: () => options.code?.(door) ?? door.nextCode() }),
    },
    requestPermit: async () => {
      if (mood?.from === 'password') door.setMood(mood.is)
    },
    confirmPermit: () => undefined,
    isOver: () => false,
    prove: async (login) => {
      state = login.state
      await deriveCheck((request) => look({ ...request, sites: [loginUrl] }), { login, loginUrl, signal })
    },
    askPerson: nobody,
    signal,
  }).then(() => undefined, asProblem)
  return {
    ...{ door, steps, isFound, isCalledIn: problem === undefined },
    isIn: state !== undefined && door.isSignedIn(state),
    ...(problem && { problem }),
    tookMs: performance.now() - startMs,
  }
}

/** What nobody foresaw is a mistake of ours, whatever the broker makes of it. */
function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  throw error
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

/** For the closing note: what the walks came to, in one line and then door by door. */
export function tell(t: Test, walks: readonly Walk[]): void {
  const count = (is: (walk: Walk) => boolean) => walks.filter(is).length
  const steps = walks.map((walk) => walk.steps).toSorted((a, b) => a - b)
  t.comment(
    `${walks.length} doors: ${count(({ isFound }) => isFound)} found, ${count(({ isIn, isCalledIn }) => isIn && isCalledIn)} signed in, ` +
      `${count(({ isIn, isCalledIn }) => isCalledIn && !isIn)} wrongly called signed in; ` +
      `steps ${steps[steps.length >> 1]} (at most ${steps.at(-1)})`,
  )
  for (const { door, problem, steps, tookMs } of walks)
    t.comment(
      `${door.name}: ${problem?.code ?? 'signed in'}, ${steps} steps, ${Math.round(tookMs)} ms ${problem?.message ?? ''}`,
    )
}
