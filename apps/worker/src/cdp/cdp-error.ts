/**
 * - `chrome_unreachable`: nothing that speaks CDP answers at the address
 * - `chrome_gone`: the connection ended, and with it every command under way
 * - `command_refused`: Chrome answered with an error
 * - `command_timeout`: Chrome did not answer in time; the command may still have its effect
 */
export type CdpErrorCode = 'chrome_unreachable' | 'chrome_gone' | 'command_refused' | 'command_timeout'

/** What went wrong between the worker and its Chrome, in one sentence. Holds no parameter of a command. */
export class CdpError extends Error {
  override readonly name = 'CdpError'
  readonly code: CdpErrorCode

  constructor(code: CdpErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/** Whether the Chrome is not there (any more): connecting again may help, the same command will not. */
export function isChromeAway(error: unknown): boolean {
  return error instanceof CdpError && (error.code === 'chrome_unreachable' || error.code === 'chrome_gone')
}
