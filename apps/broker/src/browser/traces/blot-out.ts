/** What stands where something was blotted out. */
const blot = '•••'
/** Shorter ones are blotted out as whole words only: they may stand in other words by chance. */
const shortCharacters = 6
/** So much of a value is blotted out, too, where a text was cut (`…`). */
const leastOfValue = 4
/** What only machines write: a token, a key, a session's number; but not the host in a URL. */
export const tokenShaped = '(?<!://[\\w.-]*)(?=[\\w+=~%-]*\\d)(?=[\\w+=~%-]*[a-z])[\\w+=~%-]{20,}'

/** Keeps what was typed and what the site has granted out of texts. */
export interface Blotter {
  /** From now on the value is blotted out, also as it stands in a URL, in base64 and in hex. */
  hide(value: string): void
  /** The same for what a site has granted: many values, and just as they are. */
  hideAll(values: readonly string[]): void
  /** Blots it out of a text, also its beginning before a `…`, with all that looks like a token. */
  clean(text: string): string
  /** What finds the hidden values, as the source of a regular expression with the flags `giu`; none: undefined. */
  pattern(): string | undefined
}

export function createBlotter(): Blotter {
  const hidden = new Set<string>()
  let source: string | undefined

  function hideAll(values: readonly string[]): void {
    for (const value of values) hidden.add(value)
    hidden.delete('')
    // A longer one may begin with a shorter one.
    const longestFirst = [...hidden].sort((a, b) => b.length - a.length)
    source = longestFirst.length > 0 ? longestFirst.map(patternOf).join('|') : undefined
  }

  return {
    hide: (value) => hideAll(formsOf(value.trim())),
    hideAll,
    clean(text) {
      const known = source === undefined ? text : text.replace(new RegExp(source, 'giu'), blot)
      const [last = '', ...cut] = known.split('…').reverse()
      const whole = [...cut.reverse().map((part) => withoutBeginning(part, hidden)), last].join('…')
      return whole.replace(new RegExp(tokenShaped, 'gi'), blot)
    },
    pattern: () => source,
  }
}

/** The text without the beginning of a value that it ends in. */
function withoutBeginning(text: string, values: Iterable<string>): string {
  const longest = Math.max(0, ...[...values].map((value) => beginningAtEnd(text, value)))
  return longest === 0 ? text : `${text.slice(0, -longest)}${blot}`
}

function beginningAtEnd(text: string, value: string): number {
  const end = text.slice(-value.length).toLowerCase()
  const beginning = value.toLowerCase()
  for (let length = end.length; length >= leastOfValue; length--)
    if (end.endsWith(beginning.slice(0, length))) return length
  return 0
}

/** The value, of an address also the part before the @, and how the longer ones are written elsewhere. */
function formsOf(value: string): string[] {
  const [local = '', domain] = value.split('@')
  const plain = [value, ...(domain === undefined || local.length < 3 ? [] : [local])]
  const written = plain
    .filter((each) => each.length >= shortCharacters)
    .flatMap((each) => {
      const bytes = Buffer.from(each)
      const base64 = bytes.toString('base64')
      const encoded = [base64, base64.replace(/=+$/, ''), bytes.toString('base64url'), bytes.toString('hex')]
      return [encodeURIComponent(each), ...encoded]
    })
  return [...plain, ...written]
}

function patternOf(value: string): string {
  // Sites show a code in groups.
  if (/^\d{4,}$/.test(value)) return wholeWord([...value].join('[\\s-]?'))
  const escaped = value.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  return value.length < shortCharacters ? wholeWord(escaped) : escaped
}

function wholeWord(pattern: string): string {
  return `(?<![\\p{L}\\p{N}])${pattern}(?![\\p{L}\\p{N}])`
}
