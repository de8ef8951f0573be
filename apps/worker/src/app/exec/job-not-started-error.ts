/** The job could not be started, in one sentence; with the exit code that shells have for it. */
export class JobNotStartedError extends Error {
  override readonly name = 'JobNotStartedError'
  readonly exitCode: 126 | 127

  private constructor(message: string, exitCode: 126 | 127, options?: { cause?: unknown }) {
    super(message, options)
    this.exitCode = exitCode
  }

  static of(command: string, cause: Error): JobNotStartedError {
    const code = 'code' in cause ? cause.code : undefined
    if (code === 'ENOENT') {
      const message = `The job cannot be started: there is no command ${command} (or not the interpreter that it names)`
      return new JobNotStartedError(message, 127, { cause })
    }
    const why = code === 'EACCES' ? `${command} may not be executed` : `${command}: ${cause.message}`
    return new JobNotStartedError(`The job cannot be started: ${why}`, 126, { cause })
  }
}
