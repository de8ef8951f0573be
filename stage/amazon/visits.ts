import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { readCookies, setCookie } from '../site/cookies.ts'
import type { Between } from './turns.ts'

/** One browser on its way in; it is known by its cookie `session-id`. */
export interface Visit {
  /** Outlives the sign-in: the browser by which a code need not be asked for again. */
  device: string
  hasContinued: boolean
  /** What still stands between the right password and the shop. */
  pending: Between[]
}

export interface Visits {
  /** Of this browser; it is given its cookies where it has none. */
  of(request: FastifyRequest, reply: FastifyReply): Visit
  trust(visit: Visit): void
  isTrusted(visit: Visit): boolean
  forget(): void
}

export function createVisits(): Visits {
  const visits = new Map<string, Visit>()
  const trusted = new Set<string>()

  function begin(reply: FastifyReply, device: string): Visit {
    const id = randomBytes(12).toString('hex')
    const visit: Visit = { device, hasContinued: false, pending: [] }
    visits.set(id, visit)
    const year = { maxAgeMs: 365 * 86_400_000, sameSite: 'Lax' as const }
    reply.header('set-cookie', [
      setCookie('session-id', id, year),
      setCookie('session-id-time', '2082787201l', year),
      setCookie('ubid-main', device, year),
    ])
    return visit
  }

  return {
    of(request, reply) {
      const cookies = readCookies(request.headers.cookie)
      const known = visits.get(cookies.get('session-id') ?? '')
      return known ?? begin(reply, cookies.get('ubid-main') ?? randomBytes(9).toString('hex'))
    },
    trust: ({ device }) => void trusted.add(device),
    isTrusted: ({ device }) => trusted.has(device),
    forget() {
      visits.clear()
      trusted.clear()
    },
  }
}
