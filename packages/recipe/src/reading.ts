/** The one next thing that a page wants of somebody who signs in, as the broker reads it. */
export type ReadingKind =
  | 'form'
  | 'captcha'
  | 'cookie_banner'
  | 'account_chooser'
  | 'method_choice'
  | 'stay_signed_in'
  | 'consent'
  | 'offer'
  | 'entrance'
  | 'approve_elsewhere'
  /** The one place to work in that there is, or that bears the account's name. */
  | 'workspace'
  | 'several_workspaces'
  | 'password_change'
  /** Nothing that has to do with a sign-in. Once the password was sent, it means that one is in. */
  | 'nothing'

export interface Reading {
  kind: ReadingKind
  /** What a form asks for; all `false` where there is none. */
  wants: { identifier: boolean; password: boolean; code: boolean }
  /** What can be read on the page, in lines. */
  text: string
}
