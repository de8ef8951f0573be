import type { ElementHandle, Frame, Locator } from 'playwright'
import type { ButtonSeen, DocumentSeen, FieldSeen } from './document-seen.ts'

/** What one frame of the page shows, and where its elements are. */
export interface FrameReading {
  frame: Frame
  seen: DocumentSeen
  /** Whatever is done with it fails where the element, or its document, is gone. */
  element(number: number): PageElement
}

/** A thing in the page: read, or named by a recipe. */
export type PageElement = Locator | ElementHandle<Element>

/** A thing to type into or to press. */
export interface Target<Seen extends FieldSeen | ButtonSeen = FieldSeen | ButtonSeen> {
  reading: FrameReading
  seen: Seen
}

export type FieldTarget = Target<FieldSeen>
export type ButtonTarget = Target<ButtonSeen>

/** The one next thing that a page wants. */
export type PageReading =
  /** Whatever of these the form has; one of the first three at least. */
  | ({ kind: 'form' } & SignInForm)
  | { kind: 'captcha' }
  | { kind: 'cookie_banner'; press: ButtonTarget }
  | { kind: 'account_chooser'; press: ButtonTarget }
  | { kind: 'method_choice'; press: ButtonTarget; tick?: FieldTarget[] }
  | { kind: 'stay_signed_in'; press: ButtonTarget }
  | { kind: 'consent'; press: ButtonTarget; tick?: FieldTarget[] }
  | { kind: 'offer'; press: ButtonTarget }
  | { kind: 'entrance'; press: ButtonTarget }
  | { kind: 'approve_elsewhere' }
  /** The one place to work in that there is, or that bears the account's name. */
  | { kind: 'workspace'; press: ButtonTarget }
  | { kind: 'several_workspaces' }
  /** It lets nobody in before there is a new password. */
  | { kind: 'password_change' }
  /** Nothing that a sign-in has to do with: where it ends, it is signed in. */
  | { kind: 'nothing' }

export interface SignInForm {
  identifier?: FieldTarget
  password?: FieldTarget
  /** One field, or one for each digit. */
  code?: FieldTarget[]
  /** Boxes to tick first: to be remembered, or that one agrees. */
  tick?: FieldTarget[]
  /** Left out: Enter sends it, or it sends itself. */
  submit?: ButtonTarget
}

/** What the login has done so far: it decides what a field or a page of two meanings is. */
export interface SignInProgress {
  identifierSent: boolean
  passwordSent: boolean
  codeSent: boolean
  /** Made or given, and not typed yet. */
  codeInHand?: string
  /** The document in which a person has passed the captcha: what is left of it there asks nothing any more. */
  captchaPassedIn?: number
  /** As it is typed: an account chooser shows it. */
  username: string
}

export type ReadingKind = PageReading['kind']
