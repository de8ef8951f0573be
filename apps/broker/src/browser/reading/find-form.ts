import type { ButtonSeen, FieldSeen } from './document-seen.ts'
import { about, isOneTimeCode, isPasswordField, roleOf } from './field-role.ts'
import type { FrameReading, SignInForm, SignInProgress } from './page-reading.ts'
import { words } from './words.ts'

/** A form as a candidate: what stands in one `<form>`, or outside of any. */
interface Candidate {
  reading: FrameReading
  form: number
  fields: FieldSeen[]
  buttons: ButtonSeen[]
}

/** The form by which one signs in, among all of the page; undefined where none is. */
export function findForm(frames: readonly FrameReading[], progress: SignInProgress): SignInForm | undefined {
  const found = frames
    .flatMap(candidatesOf)
    .map((candidate) => ({ candidate, form: fillIn(candidate, progress) }))
    .filter(({ form }) => form.identifier || form.password || form.code)
    .map(({ candidate, form }) => ({ form, score: scoreOf(candidate, form) }))
    .sort((a, b) => b.score - a.score)[0]
  return found && found.score > 0 ? found.form : undefined
}

function candidatesOf(reading: FrameReading): Candidate[] {
  const { fields, buttons } = reading.seen
  const numbers = new Set(fields.map(({ form }) => form))
  return [...numbers].map((form) => ({
    reading,
    form,
    fields: fields.filter((field) => field.form === form && !field.readOnly),
    buttons: buttons.filter((button) => button.form === form),
  }))
}

function fillIn(candidate: Candidate, progress: SignInProgress): SignInForm {
  const { reading, fields } = candidate
  const target = (seen: FieldSeen) => ({ reading, seen })
  const code = codeFields(fields, progress)
  const others = fields.filter((field) => !code.includes(field))
  const password = others.find((field) => isPasswordField(field))
  const identifier = identifierOf(others, password)
  const boxes = others.filter(({ type, checked }) => type === 'checkbox' && !checked)
  const remember = boxes.find((field) => words.staySignedIn.test(about(field)))
  const terms = boxes.filter((field) => field !== remember && words.terms.test(about(field)))
  const last = code.at(-1) ?? password ?? identifier
  const submit = last && submitOf(candidate, last)
  return {
    ...(identifier && { identifier: target(identifier) }),
    ...(password && { password: target(password) }),
    ...(code.length > 0 && { code: code.map(target) }),
    tick: [...(remember ? [remember] : []), ...terms].map(target),
    ...(submit && { submit: { reading, seen: submit } }),
  }
}

/** One field, or a row of fields that take one character each. */
function codeFields(fields: readonly FieldSeen[], progress: SignInProgress): FieldSeen[] {
  const boxes = fields.filter((field) => field.maxLength === 1 && isTypedInto(field))
  if (boxes.length >= 4) return boxes
  const single = fields.find((field) => isOneTimeCode(field, progress))
  return single ? [single] : []
}

function isTypedInto({ type }: FieldSeen): boolean {
  return /^(?:text|tel|number|password|email)$/.test(type)
}

/** The one that says so itself; otherwise the last text field before the password's; alone, one that is named like it. */
function identifierOf(fields: readonly FieldSeen[], password: FieldSeen | undefined): FieldSeen | undefined {
  const texts = fields.filter((field) => roleOf(field) !== 'none' && !isPasswordField(field))
  const declared = texts.find(({ autocomplete }) => /\b(?:username|email)\b/.test(autocomplete))
  if (declared) return declared
  const named = texts.filter((field) => roleOf(field) === 'identifier')
  if (!password) return named[0]
  const before = (all: FieldSeen[]) => all.findLast(({ element }) => element < password.element)
  return before(named) ?? before(texts)
}

/** The button that sends the field: of the form, or else the next one after it. */
function submitOf({ reading, form, buttons }: Candidate, last: FieldSeen): ButtonSeen | undefined {
  const fits = ({ text, kind }: ButtonSeen) =>
    kind !== 'link' && !words.beside.test(text) && !words.elsewhere.test(text) && !words.signUp.test(text)
  const own = buttons.filter(fits)
  const isAfter = ({ element }: ButtonSeen) => element > last.element
  const byWord = (all: ButtonSeen[]) =>
    all.find(({ text }) => words.signIn.test(text)) ?? all.find(({ text }) => words.next.test(text))
  const sending = own.filter(({ kind }) => kind === 'submit')
  if (form !== -1 && sending.length > 0) return sending.find(isAfter) ?? byWord(sending) ?? sending[0]
  if (form !== -1 && own.length > 0) return byWord(own) ?? own.find(isAfter)
  const free = reading.seen.buttons.filter((button) => fits(button) && isAfter(button))
  return byWord(free) ?? free.find(({ top }) => top - last.top < 400)
}

/** How much a form looks like the way in; 0 and below: it is something else. */
function scoreOf({ fields, buttons }: Candidate, form: SignInForm): number {
  const { password, identifier, code, submit } = form
  const passwords = fields.filter((field) => isPasswordField(field))
  const texts = fields.filter(({ type }) => /^(?:text|email|tel|url|date|textarea)$/.test(type))
  const says = submit?.seen.text ?? ''
  let score = 1
  if (password) score += 5
  if (code) score += 5
  if (identifier && roleOf(identifier.seen) === 'identifier') score += 2
  if (passwords.some(({ autocomplete }) => autocomplete.includes('current-password'))) score += 3
  if (isNewPassword(passwords)) score -= 8
  if (signsUp(buttons)) score -= 12
  // An address alone may be wanted for a letter: then the button does not speak of going on or in.
  const isAlone = !password && !code && says !== ''
  if (isAlone && !words.signIn.test(says) && !words.next.test(says)) score -= 6
  if (words.signIn.test(says)) score += 4
  if (words.newsletter.test(`${says} ${fields.map(about).join(' ')}`) && !password) score -= 6
  return score - 2 * Math.max(0, texts.length - 2 - (code?.length ?? 0))
}

/** All that sends the form makes another account. */
function signsUp(buttons: readonly ButtonSeen[]): boolean {
  const own = buttons.filter(({ kind }) => kind !== 'link')
  return own.some(({ text }) => words.signUp.test(text)) && !own.some(({ text }) => words.signIn.test(text))
}

function isNewPassword(passwords: readonly FieldSeen[]): boolean {
  return passwords.length > 1 || passwords.some(({ autocomplete }) => autocomplete.includes('new-password'))
}
