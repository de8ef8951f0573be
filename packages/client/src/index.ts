export { ProblemError } from '@session-broker/shared'
export type { RefreshOptions } from './ask-refresh.ts'
export {
  type BrokerClient,
  type BrokerClientOptions,
  createBrokerClient,
  type ElectWriterOptions,
} from './broker-client.ts'
export { BrokerUnreachableError, UnexpectedAnswerError } from './broker-errors.ts'
export { type FollowedSession, type FollowOptions, followSession } from './follow/follow-session.ts'
export type { SignedOutAnswer, SignedOutOptions } from './follow/tell-signed-out.ts'
export type { PutCookiesOptions, WriteBackOptions } from './put-cookies.ts'
export type { CookiesAnswer, CookiesOptions, CurrentSession } from './read-cookies.ts'
export type { Timing } from './timing.ts'
export { isFinal } from './watch/final-problems.ts'
export type { Link, WatchOptions } from './watch/watch-sessions.ts'
