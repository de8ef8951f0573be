/** Whether the host is one of a site's: itself, or below it. */
export function isWithin(sites: readonly string[], host: string): boolean {
  return sites.some((site) => host === site || host.endsWith(`.${site}`))
}
