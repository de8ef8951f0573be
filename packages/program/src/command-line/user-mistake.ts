/** Something that the user can put right; the message is all they need, and the program ends with 1, or with what is said. */
export class UserMistake extends Error {
  override readonly name = 'UserMistake'
  readonly exitCode: number

  constructor(message: string, { exitCode = 1, ...options }: { cause?: unknown; exitCode?: number } = {}) {
    super(message, options)
    this.exitCode = exitCode
  }
}
