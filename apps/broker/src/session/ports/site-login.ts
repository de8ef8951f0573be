import type { ChallengeKind, Picture, SessionState, ViewInput } from '@session-broker/shared'
import type { SessionDefinition } from '../session-definition.ts'
import type { LoginTraces } from './login-traces.ts'

/** What the site wants of a person. */
export interface Question {
  kind: ChallengeKind
  /** What the page says, at most 1,000 characters. */
  prompt: string
  /** Its address, without query and fragment. */
  page: string
}

export type PictureTaken = Omit<Picture, 'number'>

/** The page on which a login stands, for a person to look at and to work on. */
export interface PageView {
  /** Hands over a picture now and whenever the page looks otherwise, until what it returns is called. */
  follow(listener: (picture: PictureTaken) => void): Promise<() => Promise<void>>
  act(input: ViewInput): Promise<void>
  /** Resolves when the page no longer asks what it asked. @throws the signal's reason. */
  movedOn(signal: AbortSignal): Promise<void>
}

/** `moved_on`: the page went on by itself. `done`: the person says that it may go on. */
export type PersonsAnswer = { kind: 'code'; code: string } | { kind: 'moved_on' } | { kind: 'done' }

export type AskPerson = (question: Question, view: PageView) => Promise<PersonsAnswer>

/** What the broker types by itself. */
export interface Secrets {
  username: string
  password: string
  /** A one-time code that has not been sent before; left out where the site's codes come by mail or message. */
  code?: () => Promise<string>
}

export interface LoginJob<Proved = unknown> {
  definition: SessionDefinition
  credentials: Secrets
  /** Called before a secret is typed: some forms send themselves. @throws when it must not be sent; the login then ends. */
  requestPermit(): Promise<void>
  /** Called right before each press that sends one: the process may have been stopped since. @throws likewise. */
  confirmPermit(): void
  /** Whether its time is over: then nothing of it may reach the site any more. */
  isOver(): boolean
  /**
   * Given what was taken from the browser while the page still stands there, so that a failure can be looked at. What it throws is
   * the login's failure.
   */
  prove(result: LoginResult): Promise<Proved>
  /** Called when only a person can go on. @throws when nobody does; the login then ends. */
  askPerson: AskPerson
  /**
   * Told what is left of a sign-in that fails, before it does; a second time where more could be had. Left out: nobody keeps it.
   */
  leaveTraces?: (traces: LoginTraces) => void
  /** Ends the login; nothing of it is left running when the promise settles. */
  signal: AbortSignal
}

export interface LoginResult {
  state: SessionState
  /** Where the browser stood at the end. */
  landedUrl: string
  /** What the page on which it ended asked the site for by itself, and was given: addresses, the newest first. */
  requests?: readonly string[]
  /** Pages that it links to, and that are somebody's own by the words of the link. */
  links?: readonly string[]
  /** What stands in that page for who is signed in, and tells nothing of them: the words of its log-out. */
  signs?: readonly string[]
}

/**
 * Drives a real browser through the site's sign-in, takes the whole state and has it proved.
 * @returns what the proof came to.
 * @throws ProblemError `login_…`: the failure's class.
 */
export type SiteLogin = <Proved>(job: LoginJob<Proved>) => Promise<Proved>
