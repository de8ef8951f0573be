import type { ButtonSeen } from './document-seen.ts'
import { isPasswordField } from './field-role.ts'
import { findForm } from './find-form.ts'
import { isMembersPage } from './members-page.ts'
import type { ButtonTarget, FrameReading, PageReading, SignInProgress } from './page-reading.ts'
import { words } from './words.ts'

type Look = (frames: readonly FrameReading[], progress: SignInProgress) => PageReading | undefined

// What a page may want, the first that fits counts: what lies over everything before what it covers.
const looks: readonly Look[] = [seeCookieBanner, seeForm, seeAccountChooser]
const looksBeforePassword: readonly Look[] = [...looks, seeEntrance]
const looksAfterPassword: readonly Look[] = [
  ...looks,
  seeStaySignedIn,
  seeMethodChoice,
  seeApproval,
  seeOffer,
  seePasswordChange,
  seeWorkspaces,
  seeConsent,
  seeTerms,
]

const looksInside: readonly Look[] = [seeCookieBanner, seeNamedCode]

/** Says the one next thing that the page wants of somebody who signs in. */
export function classifyPage(frames: readonly FrameReading[], progress: SignInProgress): PageReading {
  for (const look of looksFor(frames, progress)) {
    const reading = look(frames, progress)
    if (reading) return reading
  }
  return { kind: 'nothing' }
}

function looksFor(frames: readonly FrameReading[], { passwordSent }: SignInProgress): readonly Look[] {
  if (!passwordSent) return looksBeforePassword
  return isMembersPage(frames) ? looksInside : looksAfterPassword
}

/** A code that is plainly one is asked for there as well. */
function seeNamedCode(frames: readonly FrameReading[], progress: SignInProgress): PageReading | undefined {
  const form = findForm(frames, progress)
  const isNamed = form?.code?.some(({ seen }) => seen.autocomplete === 'one-time-code')
  return form && isNamed ? { kind: 'form', ...form } : undefined
}

function seeForm(frames: readonly FrameReading[], progress: SignInProgress): PageReading | undefined {
  const form = findForm(frames, progress)
  return form && { kind: 'form', ...form }
}

/** Only what lies over the page, and speaks of cookies: anything else is the page's own. */
function seeCookieBanner(frames: readonly FrameReading[]): PageReading | undefined {
  for (const reading of frames) {
    const isBanner = ({ overlay }: ButtonSeen) =>
      overlay !== -1 && words.cookies.test(reading.seen.overlays[overlay]?.text ?? '')
    const inBanner = reading.seen.buttons.filter(
      (button) => isBanner(button) && button.kind !== 'link' && !button.disabled,
    )
    const press =
      inBanner.find(({ text }) => words.refuse.test(text)) ??
      inBanner.find(({ text }) => words.dismiss.test(text))
    if (press) return { kind: 'cookie_banner', press: { reading, seen: press } }
  }
  return undefined
}

function seeAccountChooser(
  frames: readonly FrameReading[],
  { username }: SignInProgress,
): PageReading | undefined {
  const press = findButton(frames, (text, { seen }) => {
    return namesAccount(text, username) && words.chooseAccount.test(`${seen.title} ${seen.text}`)
  })
  return press && { kind: 'account_chooser', press }
}

/** The name as a whole: joann@example.com is not ann@example.com. */
function namesAccount(text: string, username: string): boolean {
  return new RegExp(`(?<![\\p{L}\\p{N}.+@_-])${literally(username)}(?![\\p{L}\\p{N}+@_-])`, 'iu').test(text)
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

function seeStaySignedIn(frames: readonly FrameReading[]): PageReading | undefined {
  const press = findButton(
    frames,
    (text, { seen }) =>
      words.staySignedIn.test(seen.text) && (words.yes.test(text) || words.staySignedIn.test(text)),
  )
  return press && { kind: 'stay_signed_in', press }
}

/** A code from an app needs nobody; a message needs somebody to read it. */
function seeMethodChoice(frames: readonly FrameReading[]): PageReading | undefined {
  for (const wanted of [words.methodApp, words.methodMessage]) {
    const press = findButton(frames, (text) => wanted.test(text))
    const choice = press ? { press } : findRadio(frames, wanted)
    if (choice) return { kind: 'method_choice', ...choice }
  }
  return undefined
}

/** A radio button, and what sends its form. */
function findRadio(frames: readonly FrameReading[], wanted: RegExp) {
  for (const reading of frames) {
    const { fields, buttons } = reading.seen
    const radio = fields.find(({ type, label }) => type === 'radio' && wanted.test(label))
    const press = radio && buttons.find(({ form, kind }) => form === radio.form && kind !== 'link')
    if (radio && press) return { tick: [{ reading, seen: radio }], press: { reading, seen: press } }
  }
  return undefined
}

function seeApproval(frames: readonly FrameReading[]): PageReading | undefined {
  const isAsked = frames.some(({ seen }) => words.approve.test(seen.text))
  return isAsked ? { kind: 'approve_elsewhere' } : undefined
}

/** Fields for a new one, and words that there has to be one: a settings page has only the fields. */
function seePasswordChange(frames: readonly FrameReading[]): PageReading | undefined {
  const isDemanded = frames.some(
    ({ seen }) => words.passwordOver.test(seen.text) && seen.fields.filter(isPasswordField).length > 1,
  )
  return isDemanded ? { kind: 'password_change' } : undefined
}

/** Where there is a choice, nobody but the account's owner can make it. */
function seeWorkspaces(
  frames: readonly FrameReading[],
  { username }: SignInProgress,
): PageReading | undefined {
  const reading = frames.find(({ seen }) => words.chooseWorkspace.test(`${seen.title} ${seen.text}`))
  if (!reading) return undefined
  const isChoice = ({ kind, text, disabled }: ButtonSeen) =>
    kind !== 'link' && !disabled && ![words.beside, words.signUp, words.signOut].some((not) => not.test(text))
  const choices = reading.seen.buttons.filter(isChoice)
  const named = choices.filter(({ text }) => namesAccount(text, username))
  const [only, another] = named.length > 0 ? named : choices
  if (only && !another) return { kind: 'workspace', press: { reading, seen: only } }
  return another && { kind: 'several_workspaces' }
}

function seeConsent(frames: readonly FrameReading[]): PageReading | undefined {
  const press = findButton(
    frames,
    (text, { seen }) =>
      isShort(text) && words.consent.test(`${seen.title} ${seen.text}`) && words.allow.test(text),
    'submit',
  )
  return press && { kind: 'consent', press }
}

function seeOffer(frames: readonly FrameReading[]): PageReading | undefined {
  const isOffer = (text: string) => isShort(text) && words.later.test(text) && !words.laterThings.test(text)
  const press = findButton(frames, (text) => isOffer(text) || words.takeOver.test(text))
  return press && { kind: 'offer', press }
}

/** Terms that have to be agreed to before one is let on. */
function seeTerms(frames: readonly FrameReading[]): PageReading | undefined {
  for (const reading of frames) {
    const { fields, buttons } = reading.seen
    const box = fields.find(
      ({ type, checked, label }) => type === 'checkbox' && !checked && words.terms.test(label),
    )
    const goesOn = ({ form, kind, text }: ButtonSeen) =>
      form === box?.form && kind !== 'link' && (words.next.test(text) || words.allow.test(text))
    const press = box && buttons.find(goesOn)
    if (box && press) {
      return { kind: 'consent', tick: [{ reading, seen: box }], press: { reading, seen: press } }
    }
  }
  return undefined
}

/** A page before the sign-in, with a way to it. */
function seeEntrance(
  frames: readonly FrameReading[],
  { identifierSent }: SignInProgress,
): PageReading | undefined {
  const isWayIn = (text: string) => isShort(text) && !words.elsewhere.test(text) && !words.signUp.test(text)
  const press =
    findButton(frames, (text) => isWayIn(text) && words.toPassword.test(text) && !words.beside.test(text)) ??
    (identifierSent ? undefined : findButton(frames, (text) => isWayIn(text) && words.signIn.test(text))) ??
    (identifierSent ? undefined : findButton(frames, (text) => isWayIn(text) && words.ownAccount.test(text)))
  return press && { kind: 'entrance', press }
}

/** What leads on is said in a few words. */
function isShort(text: string): boolean {
  return text.length < 40
}

function findButton(
  frames: readonly FrameReading[],
  fits: (text: string, reading: FrameReading) => boolean,
  first?: ButtonSeen['kind'],
): ButtonTarget | undefined {
  const found = frames.flatMap((reading) =>
    reading.seen.buttons
      .filter((seen) => !seen.disabled && fits(seen.text, reading))
      .map((seen) => ({ reading, seen })),
  )
  return found.find(({ seen }) => seen.kind === first) ?? found[0]
}
