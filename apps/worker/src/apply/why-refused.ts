import { type Cookie, cookieFault } from '@session-broker/shared'

/** @param how refused: with an error. dropped: Chrome answered ok and holds another cookie, or none. */
export function whyRefused(cookie: Cookie, how: 'refused' | 'dropped'): string {
  const known = cookieFault(cookie)
  if (known) return known
  return how === 'refused'
    ? 'Chrome refuses it and gives no reason'
    : 'Chrome does not keep it as it is (more than 180 cookies of one site, or a rule of its own)'
}
