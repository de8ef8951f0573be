import { ChromeError } from '@session-broker/chrome'
import { UserMistake } from '@session-broker/program/command-line'
import { ProblemError } from '@session-broker/shared'
import { SecretKeyError } from '../seal/load-secret-key.ts'

/** What people can put right themselves gets a sentence; a mistake of ours keeps its stack. */
export function asUserMistake(error: unknown): unknown {
  const isForPeople =
    error instanceof ProblemError || error instanceof SecretKeyError || error instanceof ChromeError
  return isForPeople ? new UserMistake(error.message, { cause: error }) : error
}
