import { randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { readCookies } from '../../site/cookies.ts'
import type { DoorCounters, DoorStats } from './door-stats.ts'
import type { Mood } from './mood.ts'
import type { SecondFactor } from './second-factor.ts'

/** What the door makes of a name and a password. */
export type Verdict = 'right' | 'wrong' | 'locked' | 'too_many' | 'captcha' | 'broken'

/** What stands behind a door's pages: the one account, its sessions, its counters. The pages are each door's own. */
export interface Desk {
  readonly username: string
  /** The door's origin, and its second one. */
  url(): string
  elsewhere(): string
  mood(): Mood
  count(what: keyof DoorStats): void
  /** A name sent by itself. */
  hasName(name: string | undefined): boolean
  tryPassword(name: string | undefined, password: string | undefined, captcha?: 'solved'): Verdict
  /** Wrong passwords that are left before it is too many. */
  triesLeft(): number
  tryCode(code: string | undefined): boolean
  /** Mails a code, or rings the phone. */
  sendCode(): void
  isApproved(): boolean
  /** Whether a field that nobody sees was filled in. */
  isTrapped(...fields: (string | undefined)[]): boolean
  /** The words for what it made of it. */
  says(verdict: Exclude<Verdict, 'right'> | 'codeRefused'): string
  /** Begins a session; its token is what the browser has to show from now on. */
  begin(): string
  /** Whether a request shows a session's token, in any cookie or as a bearer. */
  isIn(request: FastifyRequest): boolean
  signOut(request: FastifyRequest): void
  /** Things to remember between two steps, under a token of their own. */
  keep(what: string): string
  kept(token: string | undefined): string | undefined
  /** As `kept`, and forgets it. */
  take(token: string | undefined): string | undefined
  /** Forgets wrong passwords and whatever was begun. */
  forget(): void
}

interface DeskOptions {
  username: string
  password: string
  counters: DoorCounters
  factor: SecondFactor
  says: Record<string, string>
  mood: () => Mood
  origins: { url: string; elsewhere: string }
  sessions: Set<string>
}

/** Wrong passwords in a row, whatever the mood, before the door says that it has seen too many. */
const patience = 5

export function createDesk(options: DeskOptions): Desk {
  const { username, password, counters, factor, says, mood, origins, sessions } = options
  const { count } = counters
  const keptThings = new Map<string, string>()
  let wrongInARow = 0

  const isSame = (name: string | undefined) => name?.trim().toLowerCase() === username.toLowerCase()

  function judge(name: string | undefined, given: string | undefined, captcha?: 'solved'): Verdict {
    const now = mood()
    if (now === 'captcha' && captcha !== 'solved') return now
    if (now === 'broken' || now === 'locked' || now === 'too_many') return now
    if (isSame(name) && given === password) return 'right'
    wrongInARow += 1
    return wrongInARow > patience && 'too_many' in says ? 'too_many' : 'wrong'
  }

  const tokens = (request: FastifyRequest) => [
    ...readCookies(request.headers.cookie).values(),
    request.headers.authorization?.replace(/^Bearer /, '') ?? '',
  ]

  return {
    username,
    url: () => origins.url,
    elsewhere: () => origins.elsewhere,
    mood,
    count,
    hasName(name) {
      count('identifiers')
      const isKnown = isSame(name)
      if (!isKnown) count('refused')
      return isKnown
    },
    tryPassword(name, given, captcha) {
      count('passwords')
      const verdict = judge(name, given, captcha)
      if (verdict === 'right') wrongInARow = 0
      count(verdict === 'right' ? 'accepted' : 'refused')
      return verdict
    },
    triesLeft: () => Math.max(0, patience - wrongInARow),
    tryCode(code) {
      count('codes')
      const isRight = mood() !== 'codes_refused' && factor.isRight(code?.replaceAll(' ', '') ?? '')
      if (!isRight) count('codesRefused')
      return isRight
    },
    sendCode() {
      count('codesSent')
      factor.mailCode()
      factor.askForApproval()
    },
    isApproved: factor.isApproved,
    isTrapped(...fields) {
      const isTrapped = fields.some(Boolean)
      if (isTrapped) {
        count('honeypots')
        count('refused')
      }
      return isTrapped
    },
    says: (verdict) => says[verdict] ?? says.wrong ?? '',
    begin() {
      const token = randomBytes(24).toString('base64url')
      sessions.add(token)
      count('signedIn')
      return token
    },
    isIn: (request) => tokens(request).some((token) => sessions.has(token)),
    signOut(request) {
      count('logouts')
      for (const token of tokens(request)) sessions.delete(token)
    },
    keep(what) {
      const token = randomBytes(16).toString('base64url')
      keptThings.set(token, what)
      return token
    },
    kept: (token) => keptThings.get(token ?? ''),
    take(token) {
      const what = keptThings.get(token ?? '')
      keptThings.delete(token ?? '')
      return what
    },
    forget() {
      wrongInARow = 0
      keptThings.clear()
      sessions.clear()
    },
  }
}
