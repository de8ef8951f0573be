/**
 * Every code that the broker answers with, its HTTP status, a title, and whether the same request can succeed
 * later by itself. docs/errors.md lists exactly these; a test holds the two together.
 */
export const errorCodes = {
  body_malformed: { status: 400, title: 'The body is not JSON', retry: false },
  request_invalid: { status: 400, title: 'A part of the request is not as it has to be', retry: false },
  session_ambiguous: { status: 400, title: 'Several sessions: say which one', retry: false },
  key_missing: { status: 401, title: 'No key was shown', retry: false },
  key_unknown: { status: 401, title: 'This key is not known', retry: false },
  scope_missing: { status: 403, title: 'The key lacks the scope for this', retry: false },
  origin_refused: { status: 403, title: 'Web pages may not use the broker', retry: false },
  route_unknown: { status: 404, title: 'There is no such route', retry: false },
  session_unknown: { status: 404, title: 'No such session', retry: false },
  session_absent: { status: 404, title: 'This session has no state yet', retry: false },
  challenge_absent: { status: 404, title: 'Nothing is asked now', retry: false },
  operation_unknown: { status: 404, title: 'No such operation', retry: false },
  method_not_allowed: { status: 405, title: 'The route does not know this method', retry: false },
  generation_ahead: { status: 409, title: 'That generation does not exist yet', retry: false },
  write_back_off: { status: 409, title: 'Write-back is off for this session', retry: false },
  precondition_failed: {
    status: 412,
    title: 'The state is not the one that was named any more',
    retry: false,
  },
  body_too_large: { status: 413, title: 'The body is too large', retry: false },
  media_type_unsupported: { status: 415, title: 'The body has to be application/json', retry: false },
  host_not_allowed: { status: 421, title: 'The broker does not answer under this host name', retry: false },
  state_not_signed_in: { status: 422, title: 'This state is not signed in', retry: false },
  precondition_required: { status: 428, title: 'Say which state this takes the place of', retry: false },
  rate_limited: { status: 429, title: 'Too many requests', retry: true },
  internal: { status: 500, title: 'The broker made a mistake', retry: false },
  state_unreadable: { status: 500, title: 'The stored state cannot be opened', retry: false },
  log_out_failed: { status: 502, title: 'The site was not seen to end the session', retry: false },
  store_unavailable: { status: 503, title: 'The store cannot be reached', retry: true },
  check_unclear: { status: 503, title: 'The site does not tell whether the session is alive', retry: true },
  account_busy: { status: 503, title: 'A login or a check of this account is under way', retry: true },
  overloaded: { status: 503, title: 'The broker has more to do than it can', retry: true },
  shutting_down: { status: 503, title: 'This broker is stopping', retry: true },
  operation_lost: { status: 503, title: 'The broker that ran this stopped before it ended', retry: true },
  login_abandoned: { status: 503, title: 'The login was given up before a secret was sent', retry: true },
  login_backing_off: { status: 503, title: 'The next login has to wait after a failed one', retry: true },
  login_budget_spent: { status: 503, title: 'The budget of logins is spent', retry: true },
  login_locked_out: {
    status: 409,
    title: 'Logins are stopped until somebody mends their cause',
    retry: false,
  },
  login_bad_credentials: { status: 409, title: 'The site rejected the username or password', retry: false },
  login_locked: { status: 409, title: 'The site has locked the account', retry: false },
  login_captcha: { status: 409, title: 'The site asks for a captcha', retry: false },
  login_challenge_timeout: {
    status: 504,
    title: 'Nobody answered the site’s challenge in time',
    retry: false,
  },
  login_site_down: { status: 503, title: 'The site cannot be reached', retry: true },
  login_timeout_after_submit: {
    status: 504,
    title: 'The site did not answer the sign-in in time',
    retry: true,
  },
  login_not_authenticated: {
    status: 502,
    title: 'The sign-in ended without a signed-in session',
    retry: false,
  },
  login_device_bound: { status: 409, title: 'The site binds the session to one device', retry: false },
  login_misconfigured: { status: 500, title: 'The login cannot start as it is configured', retry: false },
  login_unknown: {
    status: 502,
    title: 'The login failed in a way that the broker does not know',
    retry: true,
  },
} as const satisfies Record<string, { status: number; title: string; retry: boolean }>

export type ErrorCode = keyof typeof errorCodes

/** Why a login failed; each is the problem code `login_…`. */
export const failureClasses = [
  'bad_credentials',
  'locked',
  'captcha',
  'challenge_timeout',
  'site_down',
  'timeout_after_submit',
  'not_authenticated',
  'device_bound',
  'misconfigured',
  'unknown',
] as const satisfies readonly (ErrorCode extends infer C
  ? C extends `login_${infer F}`
    ? F
    : never
  : never)[]

export type FailureClass = (typeof failureClasses)[number]
