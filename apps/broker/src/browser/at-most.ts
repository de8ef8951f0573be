/** Waits for the work, whatever it comes to, but not longer than `ms`. Never rejects; the work itself goes on. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const tooLong = Promise.withResolvers<void>()
  const timer = setTimeout(tooLong.resolve, ms)
  await Promise.race([work.catch(() => undefined), tooLong.promise])
  clearTimeout(timer)
}
