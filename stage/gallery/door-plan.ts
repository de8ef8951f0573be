import type { FastifyInstance } from 'fastify'
import type { Page } from 'playwright'
import type { Desk, Verdict } from './desk/desk.ts'
import type { Mood } from './desk/mood.ts'

export type Language = 'en' | 'de' | 'fr' | 'es' | 'it' | 'pt' | 'nl' | 'pl' | 'ru' | 'ja' | 'zh' | 'tr'

/** What a person has who signs in by hand. */
export interface Hand {
  loginUrl: string
  username: string
  password: string
  /** From the authenticator app, or out of the newest mail. */
  nextCode(): Promise<string>
  /** The tap on the phone. */
  approve(): void
}

/** One login page of the gallery, as it is written down: its words, its server and how a person signs in there. */
export interface DoorPlan {
  /** Unique; also how its file is called. */
  name: string
  /** What is special about it, in a few words. */
  shape: string
  language: Language
  username: string
  /** Where one begins, as a person would: some sites have no address that shows the form itself. */
  loginPath: string
  /** Who is signed in sees the text at the path, and nobody else does; `browser` where a script draws it. */
  signedIn: { path: string; text: string; in?: 'browser' }
  /** What the page says, in its words. `wrong` for a wrong password too. */
  says: { wrong: string; codeRefused?: string } & Partial<Record<Exclude<Verdict, 'right' | 'wrong'>, string>>
  /** Those that the page can show, beside `ok`, `down` and `hanging`, which all can. */
  moods?: readonly Mood[]
  secondFactor?: 'totp' | 'mail' | 'approval'
  /** Where a login ends: with a session, or at something that only a person can do. Left out: `signed_in`. */
  endsIn?: 'signed_in' | 'password_change' | 'captcha'
  /** The browser itself asks (HTTP basic auth): there is no page before the password. */
  asksInDialog?: true
  /** What holds the session in the browser. Left out: `cookies`. */
  keptIn?: 'cookies' | 'localStorage' | 'indexedDB' | 'sessionStorage'
  serve(app: FastifyInstance, desk: Desk): void
  /** The door's second origin, a site apart from the first: an identity provider, a frame. */
  serveElsewhere?(app: FastifyInstance, desk: Desk): void
  byHand: {
    /** From the page at `loginPath` to the button that sends the password. */
    signIn(page: Page, hand: Hand): Promise<void>
    /** What comes after a right password. */
    afterwards?(page: Page, hand: Hand): Promise<void>
  }
}
