/** The first ones say enough. */
const mostNamed = 5

/** `a, b, c, d, e, and 2 more` */
export function nameFirst(all: readonly string[], separator: string): string {
  const more = all.length > mostNamed ? [`and ${all.length - mostNamed} more`] : []
  return [...all.slice(0, mostNamed), ...more].join(separator)
}
