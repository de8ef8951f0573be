import { type Cookie, issuedSessionSchema, type SessionState } from '@session-broker/shared'

const hosts = ['.shop.example', 'www.shop.example', '.accounts.example', '.metrics.example']

/** A signed-in state as large shops have them: 50 cookies are about 12 kB as JSON. */
export const sampleState = (cookies: number): SessionState => ({
  userAgent:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
  cookies: Array.from({ length: cookies }, (_, index) => cookie(index)),
  origins: [],
})

function cookie(index: number): Cookie {
  const isSession = index % 5 === 0
  return {
    name: `${index % 3 === 0 ? '__Secure-' : ''}cookie-${index}`,
    value: Buffer.from(`${index}:`.padEnd(20 + ((index * 37) % 60), 'value-of-a-cookie')).toString(
      'base64url',
    ),
    domain: hosts[index % hosts.length] ?? 'shop.example',
    path: '/',
    expires: isSession ? -1 : 1_900_000_000 + index * 86_400.25,
    httpOnly: index % 2 === 0,
    secure: true,
    sameSite: index % 4 === 0 ? 'None' : 'Lax',
    priority: 'Medium',
    sourceScheme: 'Secure',
    sourcePort: 443,
  }
}

/** One of 50 cookies as the broker sends it, for a server that knows nothing of it. */
export const sampleBody = Buffer.from(
  JSON.stringify(
    issuedSessionSchema.parse({
      session: 'shop',
      generation: 1,
      revision: 0,
      obtainedAt: '2026-11-24T00:00:00.000Z',
      expiresAt: '2030-03-17T17:46:40.000Z',
      ...sampleState(50),
    }),
  ),
)
