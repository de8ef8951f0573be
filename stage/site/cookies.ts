interface CookieAttributes {
  maxAgeMs?: number | null
  httpOnly?: boolean
  sameSite: 'Strict' | 'Lax'
}

/** A request's cookies by name; the first one wins where a name comes twice. */
export function readCookies(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>()
  for (const pair of header?.split(';') ?? []) {
    const [name, ...value] = pair.trim().split('=')
    if (name && !cookies.has(name)) cookies.set(name, value.join('='))
  }
  return cookies
}

/** A `Set-Cookie` value for this host and every path. */
export function setCookie(name: string, value: string, attributes: CookieAttributes): string {
  const { maxAgeMs, httpOnly, sameSite } = attributes
  return [
    `${name}=${value}`,
    'Path=/',
    ...(maxAgeMs === undefined || maxAgeMs === null ? [] : [`Max-Age=${Math.floor(maxAgeMs / 1000)}`]),
    ...(httpOnly ? ['HttpOnly'] : []),
    `SameSite=${sameSite}`,
  ].join('; ')
}
