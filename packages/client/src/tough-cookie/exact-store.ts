import { type Callback, type Cookie, type ErrorCallback, MemoryCookieStore } from 'tough-cookie'

type Maybe<T> = T | null | undefined

/**
 * tough-cookie’s own store, with two differences: like a browser it tells cookies apart that differ only in being for one
 * host, for sub-domains too, or partitioned; and all of it is replaced in one step.
 */
export class ExactStore extends MemoryCookieStore {
  /** From now on these are the cookies; who reads meanwhile gets all of the former or all of the new ones. */
  replaceAll(cookies: readonly Cookie[]): void {
    const next = new ExactStore()
    for (const cookie of cookies) next.put(cookie)
    this.idx = next.idx
  }

  all(): Cookie[] {
    return Object.values(this.idx).flatMap((paths) => Object.values(paths).flatMap(Object.values<Cookie>))
  }

  override findCookie(...args: Key): Promise<Cookie | undefined>
  override findCookie(...args: [...Key, callback: Callback<Cookie | undefined>]): void
  override findCookie(...[domain, path, key, callback]: [...Key, callback?: Callback<Cookie | undefined>]) {
    const found = Object.values(this.slots(domain, path)).find((cookie) => cookie.key === key)
    callback?.(null, found)
    return callback ? undefined : Promise.resolve(found)
  }

  override putCookie(cookie: Cookie): Promise<void>
  override putCookie(cookie: Cookie, callback: ErrorCallback): void
  override putCookie(cookie: Cookie, callback?: ErrorCallback) {
    this.put(cookie)
    return done(callback)
  }

  /** tough-cookie asks for this when it finds one expired, and does not say which of several with one name. */
  override removeCookie(...args: Key): Promise<void>
  override removeCookie(...args: [...Key, callback: ErrorCallback]): void
  override removeCookie(...[domain, path, key, callback]: [...Key, callback?: ErrorCallback]) {
    const slots = this.slots(domain, path)
    const named = Object.entries(slots).filter(([, cookie]) => cookie.key === key)
    const expired = named.filter(
      ([, cookie]) => (cookie.expiryTime() ?? Number.POSITIVE_INFINITY) <= Date.now(),
    )
    for (const [slot] of expired.length > 0 ? expired : named) delete slots[slot]
    return done(callback)
  }

  private put(cookie: Cookie): void {
    const { domain, path, key } = cookie
    if (domain === null || path === null) return
    const slot = `${cookie.hostOnly ? 'host' : 'domain'} ${isPartitioned(cookie) ? 'partitioned' : ''} ${key}`
    const paths = this.idx[domain] ?? Object.create(null)
    const slots = paths[path] ?? Object.create(null)
    slots[slot] = cookie
    paths[path] = slots
    this.idx[domain] = paths
  }

  private slots(domain: Maybe<string>, path: Maybe<string>): Record<string, Cookie> {
    return this.idx[domain ?? '']?.[path ?? ''] ?? {}
  }
}

type Key = [domain: Maybe<string>, path: Maybe<string>, key: Maybe<string>]

function done(callback: ErrorCallback | undefined): Promise<void> | undefined {
  callback?.(null)
  return callback ? undefined : Promise.resolve()
}

function isPartitioned({ extensions }: Cookie): boolean {
  return extensions?.some((extension) => /^partitioned$/i.test(extension.trim())) ?? false
}
