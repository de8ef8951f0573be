export type ChromeErrorCode =
  | 'chrome_not_found'
  | 'chrome_did_not_start'
  | 'profile_refused'
  | 'profile_in_use'
  | 'port_in_use'

/** What went wrong with a local Chrome, in one sentence that says what to do. Holds no secret. */
export class ChromeError extends Error {
  override readonly name = 'ChromeError'
  readonly code: ChromeErrorCode

  constructor(code: ChromeErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
