import { ProblemError } from '@session-broker/shared'

/** What of a form was given to the site in one step; a code that a recipe's function typed says from whom: `person`, `app`. */
export type Given = Partial<Record<'identifier' | 'password' | 'code', unknown>>

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

/** The site goes on asking. */
export function unanswerable(url: string, why: string): ProblemError {
  return new ProblemError(
    'login_challenge_timeout',
    `the sign-in at ${originOf(url)} goes no further: ${why}`,
  )
}

/** No other login is of use before there is another password: the same that is so of a wrong one. */
export function passwordOver(url: string): ProblemError {
  return new ProblemError(
    'login_bad_credentials',
    `${originOf(url)} demands a new password: change it there by hand, and then where it is kept for the broker`,
  )
}

/** The page took the form away while it was being filled in, and wants it once more. */
export function drawnAnew(url: string): ProblemError {
  return new ProblemError('login_unknown', `${originOf(url)} asked for the password twice`)
}

export function failureInAnswer(
  answer: 'form_again' | 'locked' | 'server_error',
  { url, given }: { url: string; given: Given | undefined },
): ProblemError {
  const origin = originOf(url)
  switch (answer) {
    case 'server_error':
      return new ProblemError('login_unknown', `${origin} answered the sign-in with an error of its own`)
    case 'locked':
      return new ProblemError('login_locked', `${origin} says that the account is locked`)
    case 'form_again':
      return new ProblemError('login_bad_credentials', `${origin} ${refused(given)}`)
  }
}

function refused(given: Given | undefined): string {
  if (given?.code)
    return 'asked for the one-time code again: the TOTP secret is not right, or a clock is wrong'
  if (given?.password) return 'showed its sign-in form again: the username or the password is not right'
  return 'asked for the username again: it is not right'
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
