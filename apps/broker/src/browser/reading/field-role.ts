import type { FieldSeen } from './document-seen.ts'
import type { SignInProgress } from './page-reading.ts'
import { words } from './words.ts'

/** What stands around a field, for the words. */
export function about({ name, id, label }: FieldSeen): string {
  return `${label} ${name} ${id}`
}

export function isPasswordField(field: FieldSeen): boolean {
  return field.type === 'password' && !field.autocomplete.includes('one-time-code')
}

/** Whether a text field takes who one is; `text`: it may, for want of anything better. */
export function roleOf(field: FieldSeen): 'identifier' | 'text' | 'none' {
  const { type, name, id, label, autocomplete, tabbable } = field
  if (!/^(?:text|email|tel|url)$/.test(type) || !tabbable || words.trap.test(about(field))) return 'none'
  const isSearch =
    [name, id, label].some((each) => words.search.test(each)) || autocomplete.includes('search')
  if (isSearch) return 'none'
  const isDeclared = /\b(?:username|email|tel)\b/.test(autocomplete) || type === 'email'
  return isDeclared || words.identifier.test(about(field)) ? 'identifier' : 'text'
}

/** A PIN may be the password itself, asked for again. */
function isLabelledCode({ label }: FieldSeen): boolean {
  const said = label.replace(/\bpin\b/gi, '')
  return words.code.test(said) && !words.password.test(said)
}

/**
 * Whether a field takes a one-time code. Its attributes say so, or its words, where they are not those of another code; a
 * password field does only once the password was sent and its label speaks of a code alone.
 */
export function isOneTimeCode(field: FieldSeen, { passwordSent }: SignInProgress): boolean {
  const { type, autocomplete, inputMode, maxLength } = field
  if (autocomplete.includes('one-time-code')) return true
  const text = about(field)
  if (!words.code.test(text) || words.otherCode.test(text) || words.trap.test(text)) return false
  if (type === 'password') return passwordSent && isLabelledCode(field)
  if (!/^(?:text|tel|number)$/.test(type)) return false
  // Before the password "code" may be who one is: a customer's, a dealer's.
  const looksIt = inputMode === 'numeric' || type !== 'text' || (maxLength >= 4 && maxLength <= 8)
  return passwordSent || looksIt || words.oneTime.test(text)
}
