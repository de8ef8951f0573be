import type { Cookie, SessionState } from '@session-broker/shared'

/** What a browser has after the login with this press of the button. */
export function stateOf(press: number): SessionState {
  const cookie: Cookie = {
    ...{ name: 'sid', value: `press-${press}`, domain: 'shop.example', path: '/' },
    ...{ expires: 4_000_000_000, httpOnly: false, secure: true },
  }
  return { userAgent: 'simulated', cookies: [cookie], origins: [] }
}

/** The same, for a while longer. */
export function prolonged(state: SessionState): SessionState {
  return { ...state, cookies: state.cookies.map((each) => ({ ...each, expires: each.expires + 60 })) }
}

/** Which press of the button a state came from. */
export function pressOf({ cookies }: SessionState): number {
  return Number(cookies[0]?.value.replace('press-', ''))
}
