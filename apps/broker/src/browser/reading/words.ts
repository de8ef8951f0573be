import { afterwardsWords } from './words/afterwards.ts'
import { codesWords } from './words/codes.ts'
import { consentWords } from './words/consent.ts'
import { cookiesWords } from './words/cookies.ts'
import { fieldsWords } from './words/fields.ts'
import { signInWords } from './words/sign-in.ts'
import { signOutWords } from './words/sign-out.ts'

/**
 * What pages say, in the languages that most sign-in pages are written in: English, German, French, Spanish, Italian,
 * Portuguese, Dutch, Polish, Russian, Turkish, Japanese, Chinese. Attributes and types of fields come first; words are for where those
 * say nothing.
 */
export const words = {
  ...fieldsWords,
  ...codesWords,
  ...signInWords,
  ...signOutWords,
  ...afterwardsWords,
  ...consentWords,
  ...cookiesWords,
} as const
