import { ProblemError } from '@session-broker/shared'
import type { SubmissionAnswer } from './read-answer.ts'

// From what was seen to the class of the failure, which decides what may happen next (session/failure-policy.ts).

/** Before anything was sent. @param what the site does, after its name. */
export function siteDown(url: string, what: string, cause?: unknown): ProblemError {
  return new ProblemError('login_site_down', `${originOf(url)} ${what}`, { cause })
}

export function formMissing(url: string): ProblemError {
  return new ProblemError(
    'login_misconfigured',
    `no sign-in form was found at ${url}: is it the right page? A recipe can name the fields`,
  )
}

export function captchaShown(url: string): ProblemError {
  return new ProblemError(
    'login_captcha',
    `${originOf(url)} asks for a captcha, which only a person can answer`,
  )
}

/** Undefined where nothing speaks against it. */
export function failureInAnswer(answer: SubmissionAnswer, url: string): ProblemError | undefined {
  const origin = originOf(url)
  switch (answer) {
    case 'form_gone':
      return undefined
    case 'server_error':
      return new ProblemError('login_unknown', `${origin} answered the sign-in with an error of its own`)
    case 'locked':
      return new ProblemError('login_locked', `${origin} says that the account is locked`)
    case 'captcha':
      return captchaShown(url)
    case 'form_again':
      return new ProblemError(
        'login_bad_credentials',
        `${origin} showed its sign-in form again: the username or the password is not right`,
      )
  }
}

/** What an error means that stopped the sign-in; one that nobody foresaw stays as it is. */
export function classifyError(
  error: unknown,
  { submitted, signal }: { submitted: boolean; signal: AbortSignal },
): unknown {
  if (error instanceof ProblemError) return error
  if (!signal.aborted) return error
  return submitted
    ? new ProblemError('login_timeout_after_submit', 'the site did not answer the sign-in in time', {
        cause: error,
      })
    : new ProblemError('login_site_down', 'the sign-in page did not become usable in time', { cause: error })
}

function originOf(url: string): string {
  return new URL(url).origin
}
