import type { SessionPlace } from '../../session/ports/session-store.ts'

/**
 * The keys that a script works on, in the order in which it gets them. The braces are Redis Cluster's hash tag: all keys of an
 * account lie in one slot, so that one script may use them.
 */
export function keysOf({ account, session }: SessionPlace): string[] {
  const of = `sb:{${account}}`
  return [
    ...[`${of}:session:${session}`, `${of}:login`, `${of}:submissions`, `${of}:restraint`],
    ...[`${of}:challenge`, `${of}:answers`, `${of}:challenged`, `${of}:code`],
    `${of}:writer:${session}`,
    ...[workersKey({ account, session }), timedKey({ account, session })],
  ]
}

export function operationKey({ account }: SessionPlace, id: string): string {
  return `sb:{${account}}:operation:${id}`
}

/** A hash of what each worker of a session has last reported. */
export function workersKey({ account, session }: SessionPlace): string {
  return `sb:{${account}}:workers:${session}`
}

/** A hash of the newest version of which each worker has told how long it took. */
export function timedKey({ account, session }: SessionPlace): string {
  return `sb:{${account}}:timed:${session}`
}

/** Carries the names of sessions that have changed, and nothing else. */
export const changesChannel = 'sb:changes'
