import { BrokerUnreachableError } from '@session-broker/client'
import { UserMistake } from '@session-broker/program/command-line'
import { ProblemError } from '@session-broker/shared'

const forPeople = new Set(['ChromeError', 'CdpError', 'UnexpectedAnswerError', 'ListenError'])

/** What people can put right themselves gets a sentence; a mistake of ours keeps its stack. */
export function asUserMistake(error: unknown): unknown {
  if (error instanceof ProblemError) {
    const hint = error.code === 'key_unknown' ? ' (SESSION_BROKER_KEY)' : ''
    return new UserMistake(`The broker says ${error.code}: ${error.message}${hint}`, { cause: error })
  }
  const isForPeople =
    error instanceof BrokerUnreachableError || (error instanceof Error && forPeople.has(error.name))
  return isForPeople ? new UserMistake(error.message, { cause: error }) : error
}
