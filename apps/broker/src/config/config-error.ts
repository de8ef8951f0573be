/** One thing that is wrong, and where. Never holds a value: it may be a secret in the wrong place. */
export interface Mistake {
  /** The file as the user knows it. */
  file: string
  line: number
  column: number
  /** Dotted, e.g. `sessions.shop.login.url`; empty for the file as a whole. */
  key: string
  message: string
}

/** The configuration cannot be used; the message is the whole list of what is wrong with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly mistakes: readonly Mistake[]

  constructor(file: string, mistakes: readonly Mistake[]) {
    super(showMistakes(file, mistakes))
    this.mistakes = mistakes
  }
}

function showMistakes(file: string, mistakes: readonly Mistake[]): string {
  const count = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`
  const inOrder = mistakes.toSorted(
    (a, b) =>
      Number(a.file !== file) - Number(b.file !== file) ||
      a.file.localeCompare(b.file) ||
      a.line - b.line ||
      a.column - b.column,
  )
  const lines = inOrder.map(({ file, line, column, key, message }) => {
    const where = `${file}:${line}:${column}`
    return `  ${where}  ${key === '' ? '' : `${key}: `}${message}`
  })
  return [`${file} has ${count}:`, ...lines].join('\n')
}
