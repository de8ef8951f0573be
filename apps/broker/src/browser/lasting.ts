/** Tells whether something has been so for `ms` without a break; to be asked again and again. */
export function lasting(ms: number): (isSo: boolean) => boolean {
  let sinceMs: number | undefined
  return (isSo) => {
    sinceMs = isSo ? (sinceMs ?? performance.now()) : undefined
    return sinceMs !== undefined && performance.now() - sinceMs >= ms
  }
}
