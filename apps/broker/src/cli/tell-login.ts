import { type Check, errorCodes, type FailureClass, type ProblemError } from '@session-broker/shared'
import type { LoginReport } from '../app/log-in.ts'
import { failureClassOf } from '../session/failure-policy.ts'

/** What a login came to, for people: counts and names, nothing that signs anybody in. */
export function tellLogin(session: string, report: LoginReport): string {
  const { generation, check, isDerived, cookies, origins } = report
  const kept = origins === 1 ? '1 origin' : `${origins} origins`
  return [
    `${session} is signed in: generation ${generation} is published`,
    `  check  ${isDerived ? 'found out: ' : 'as configured: '}${tellCheck(check)}; it says signed in`,
    `  state  ${cookies === 1 ? '1 cookie' : `${cookies} cookies`}, storage of ${kept}`,
    ...(isDerived ? ['Look at that page once: a stranger must not see it. docs/recipes.md tells why.'] : []),
  ].join('\n')
}

/** Names the parts, since their values may name the account. */
function tellCheck({ url, in: where, expect }: Check): string {
  const { status, text, finalUrl, selector, passwordField } = expect
  const parts = [
    status !== undefined && `status ${status}`,
    text !== undefined && 'a text',
    finalUrl !== undefined && 'no redirect elsewhere',
    selector !== undefined && 'an element',
    passwordField === false && 'no password field',
  ]
  const wanted = parts.filter((part) => part !== false).join(', ')
  return `${wanted} at ${new URL(url).origin}, ${where === 'http' ? 'by plain HTTP' : 'in a browser'}`
}

const advice = {
  bad_credentials:
    'try the username and password by hand. Are they right: was the right form filled in? A recipe names the fields',
  locked: 'unlock the account at the site, then login --force, or POST /session/reset',
  captcha: 'sign in by hand once and see whether the site still asks; it may trust this machine afterwards',
  challenge_timeout: 'see above what the site asks for; login.totp gives the codes of an authenticator app',
  site_down: 'is the site there, and login.url right?',
  timeout_after_submit: 'did the site answer at all? loginTimeout may be too short for it',
  not_authenticated:
    'see above where the sign-in ended: a recipe does what is left to do (after), or the check has to be configured',
  device_bound: 'this session cannot be shared; does the site know another way to sign in?',
  misconfigured:
    'see above what the page showed: a recipe names what reading it cannot find (before, fields)',
  unknown: 'see above what was done last, and look at the page by hand',
} as const satisfies Record<FailureClass, string>

function isHeldBack({ code }: ProblemError): boolean {
  return code === 'login_locked_out' || code === 'login_backing_off'
}

/** A login that failed, and what to do about it. */
export function tellFailure(session: string, problem: ProblemError, evidence?: string): string {
  const { code, message, retryAfterSeconds } = problem
  const failureClass = failureClassOf(problem)
  return [
    `${session} is not signed in: ${code}: ${errorCodes[code].title}`,
    `  ${message}`,
    ...(failureClass ? [`  What to do: ${advice[failureClass]}`] : []),
    ...(isHeldBack(problem)
      ? ['  What to do: mend its cause, then login --force; the budget counts all the same']
      : []),
    ...(retryAfterSeconds === undefined ? [] : [`  The next login is allowed in ${retryAfterSeconds} s`]),
    ...(evidence === undefined ? [] : [`  A report and a picture of the page: ${evidence}`]),
    `  docs/errors.md tells of ${code}`,
  ].join('\n')
}
