import type { SessionState } from '@session-broker/shared'

export interface TokenExpiry {
  expiresAtMs: number
  /** Its name and place, never its value. */
  where: string
}

/** Three parts in base64url (RFC 7519 §3), also where they stand in other text: in JSON, or behind `Bearer `. */
const jwt = /\beyJ[\w-]+\.(eyJ[\w-]+)\.[\w-]*/g

/** The token in cookies and localStorage that lives longest; undefined where none says when it ends. */
export function latestTokenExpiry({ cookies, origins }: SessionState): TokenExpiry | undefined {
  const texts = [
    ...cookies.map(({ name, value, domain }) => ({ value, where: `cookie ${name} of ${domain}` })),
    ...origins.flatMap(({ origin, localStorage }) =>
      localStorage.map(({ name, value }) => ({ value, where: `localStorage ${name} of ${origin}` })),
    ),
  ]
  const found = texts.flatMap(({ value, where }) =>
    expiries(value).map((expiresAtMs) => ({ expiresAtMs, where })),
  )
  return found.sort((a, b) => b.expiresAtMs - a.expiresAtMs)[0]
}

/** NumericDate counts seconds (RFC 7519 §4.1.4). */
function expiries(text: string): number[] {
  return [...text.matchAll(jwt)].flatMap(([, payload = '']) => {
    const exp = readExp(payload)
    return exp === undefined ? [] : [exp * 1000]
  })
}

function readExp(payload: string): number | undefined {
  try {
    const { exp } = JSON.parse(decodeBase64Url(payload))
    return typeof exp === 'number' && Number.isFinite(exp) && exp > 0 ? exp : undefined
  } catch {
    return undefined
  }
}

function decodeBase64Url(text: string): string {
  return atob(text.replaceAll('-', '+').replaceAll('_', '/'))
}
