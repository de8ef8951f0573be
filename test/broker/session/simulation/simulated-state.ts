import type { Cookie, SessionState } from '@session-broker/shared'

/** What a browser has after this sign-in, the how manyth it was: a cookie that names it, and one that tells what it has been through in use. */
export function stateOf(signIn: number): SessionState {
  const cookies = [cookie('sid', String(signIn)), cookie('changes', '')]
  return { userAgent: 'simulated', cookies, origins: [] }
}

function cookie(name: string, value: string): Cookie {
  return {
    ...{ name, value, domain: 'shop.example', path: '/' },
    ...{ expires: 4_000_000_000, httpOnly: false, secure: true },
  }
}

/** The same, for a while longer. */
export function prolonged(state: SessionState): SessionState {
  return { ...state, cookies: state.cookies.map((each) => ({ ...each, expires: each.expires + 60 })) }
}

/** What a Chrome has after the site has changed a cookie of it. */
export function changedInUse(cookies: readonly Cookie[], change: string): Cookie[] {
  return cookies.map((each) =>
    each.name === 'changes' ? { ...each, value: `${each.value} ${change}`.trim() } : each,
  )
}

/** Which sign-in a state came from, and all that it has been through since. */
export interface Story {
  signIn: number
  changes: string[]
  expires: number
}

export function storyOf({ cookies: [sid, changes] }: Pick<SessionState, 'cookies'>): Story {
  return {
    signIn: Number(sid?.value),
    changes: changes?.value.split(' ').filter(Boolean) ?? [],
    expires: sid?.expires ?? 0,
  }
}
