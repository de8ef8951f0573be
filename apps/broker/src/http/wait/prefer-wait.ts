export const longestWaitSeconds = 60

const preference = /(?:^|,)\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;[^,]*)?(?=,|$)/i

/**
 * Seconds of `Prefer: wait=N` (RFC 7240 §4.3), at most 60. Undefined where there is none, or one that cannot be
 * read: preferences may be ignored.
 */
export function preferredWaitSeconds(prefer: string | string[] | undefined): number | undefined {
  if (prefer === undefined) return undefined
  const seconds = preference.exec(String(prefer))?.[1]
  return seconds === undefined ? undefined : Math.min(Number(seconds), longestWaitSeconds)
}
