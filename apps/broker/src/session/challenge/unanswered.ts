import { type ChallengeKind, ProblemError } from '@session-broker/shared'

const wants: Record<ChallengeKind, string> = {
  code: 'the site asks for a one-time code',
  approval: 'the site waits for somebody to approve the sign-in on another device',
  captcha: 'the site asks for a captcha, which only a person can answer',
  sign_in: 'a person has to sign in by hand',
  choice: 'the site asks for a choice that only a person can make',
}

/** How a login ends that needed a person. @param why nobody helped. */
export function unanswered(kind: ChallengeKind, why: string): ProblemError {
  const code = kind === 'captcha' ? 'login_captcha' : 'login_challenge_timeout'
  return new ProblemError(code, `${wants[kind]}, and ${why}`)
}
