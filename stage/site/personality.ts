/**
 * down: 503 on everything. hanging: requests get no answer. formless: a sign-in page without a form. captcha: the form has one.
 * To every posted form, the right password or not: rejecting says that it is wrong; locked, that the account is locked;
 * captcha and captcha_after show the form with a captcha; failing answers 500. dead_end: takes the right password, and knows
 * nobody afterwards.
 */
export type SiteMode =
  | ('ok' | 'down' | 'hanging' | 'formless' | 'captcha')
  | ('rejecting' | 'locked' | 'captcha_after' | 'failing' | 'dead_end')

/** How the site behaves; each part can be changed while it runs. */
export interface Personality {
  mode: SiteMode
  /** The answer to the posted form comes this much later, so that two sign-ins overlap where there are two. */
  loginDelayMs: number
  /** How long a session lives at the site; null: until it is killed. */
  lifetimeMs: number | null
  /** Each request puts the end of the session off again. */
  sliding: boolean
  /** The `sid` cookie carries its end (`Max-Age`); otherwise it is a session cookie. */
  datedCookie: boolean
  /** `sid` gets a new value when it is this old; null: never. */
  rotateEveryMs: number | null
  /** For so long a rotated cookie's former value is taken all the same. */
  graceMs: number
  /** What showing a rotated cookie's former value does after that: nothing, or it ends the session for everybody. */
  staleCookie: 'refused' | 'kills_session'
  /** The session counts only together with the device id from localStorage, sent as a header by the page. */
  requireDeviceId: boolean
  /** A new sign-in ends the sessions that its user has already. */
  singleSession: boolean
}

export const defaultPersonality: Personality = {
  mode: 'ok',
  loginDelayMs: 0,
  lifetimeMs: null,
  sliding: false,
  datedCookie: false,
  rotateEveryMs: null,
  graceMs: 0,
  staleCookie: 'refused',
  requireDeviceId: false,
  singleSession: false,
}

/** The parts of `options` that are a personality's, over `base`. */
export function mergePersonality(base: Personality, part: Partial<Personality>): Personality {
  const known = Object.keys(defaultPersonality) as (keyof Personality)[]
  const given = known.filter((key) => part[key] !== undefined).map((key) => [key, part[key]])
  return { ...base, ...Object.fromEntries(given) }
}
