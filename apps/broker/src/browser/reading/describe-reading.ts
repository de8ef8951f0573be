import type { ButtonSeen, FieldSeen } from './document-seen.ts'
import type { FieldTarget, PageReading, SignInForm } from './page-reading.ts'

/** What a page wants, in words for people: kinds, and the names of fields and buttons as they stand there, as long as they are. */
export function describeReading(reading: PageReading): string {
  if (reading.kind === 'form') return `form: ${describeForm(reading)}`
  if (reading.kind === 'nothing') return 'nothing that belongs to a sign-in'
  const kind = reading.kind.replaceAll('_', ' ')
  return 'press' in reading ? `${kind}: ${describeButton(reading.press.seen)}` : kind
}

function describeForm({ identifier, password, code, submit }: SignInForm): string {
  const parts = [
    identifier && `identifier${nameOf(identifier)}`,
    password && `password${nameOf(password)}`,
    code?.[0] && `one-time code${code.length > 1 ? ` in ${code.length} fields` : nameOf(code[0])}`,
    submit && describeButton(submit.seen),
  ]
  return parts.filter((part) => part !== undefined).join(', ')
}

function nameOf({ seen }: FieldTarget): string {
  const name = describeField(seen)
  return name === '' ? '' : ` ${name}`
}

/** By its label, or else by its name in the document. */
export function describeField({ label, name, id }: FieldSeen): string {
  // A placeholder of blanks only makes a label float.
  const shown = label.replace(/[\s|]+$/, '') || name || id
  return shown === '' ? '' : quote(shown)
}

export function describeButton({ text }: ButtonSeen): string {
  return text === '' ? 'a button' : `button ${quote(text)}`
}

function quote(text: string): string {
  return `"${text}"`
}
