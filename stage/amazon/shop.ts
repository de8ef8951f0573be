import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SecondFactor } from '../gallery/desk/second-factor.ts'
import { readCookies, setCookie } from '../site/cookies.ts'
import type { Turns } from './turns.ts'
import { createVisits, type Visits } from './visits.ts'

const zeros = {
  names: 0,
  passwords: 0,
  codes: 0,
  captchas: 0,
  remembered: 0,
  signedIn: 0,
  logouts: 0,
  astray: 0,
}

/** What happened since the start, or since `forget()`. `astray`: what nobody who signs in should press. */
export type AmazonStats = { [counter in keyof typeof zeros]: number }

/** What stands behind the pages: the one account, its sessions, what was counted. */
export interface Shop {
  readonly username: string
  readonly password: string
  readonly visits: Visits
  readonly codes: SecondFactor
  readonly mail: SecondFactor
  turns: Turns
  count(what: keyof AmazonStats): void
  stats(): AmazonStats
  begin(reply: FastifyReply): void
  isIn(request: FastifyRequest): boolean
  /** Ends the session of this browser. */
  end(request: FastifyRequest, reply: FastifyReply): void
  /** Whether a browser's state holds a session that is alive. */
  holdsSession(state: object): boolean
  endSessions(): void
  forget(): void
}

type ShopOptions = Pick<Shop, 'username' | 'password' | 'codes' | 'mail'> & { turns: Turns }

const held = ['at-main', 'sess-at-main', 'x-main', 'session-token']

export function createShop({ turns, ...account }: ShopOptions): Shop {
  const visits = createVisits()
  const sessions = new Set<string>()
  const counts: AmazonStats = { ...zeros }
  const tokenOf = (request: FastifyRequest) => readCookies(request.headers.cookie).get('at-main') ?? ''
  return {
    ...account,
    visits,
    turns,
    count(what) {
      counts[what] += 1
    },
    stats: () => ({ ...counts }),
    begin(reply) {
      const token = `Atza|${randomBytes(24).toString('base64url')}`
      sessions.add(token)
      counts.signedIn += 1
      const cookies = held.map((name) => {
        const value = name === 'at-main' ? token : randomBytes(12).toString('base64url')
        return setCookie(name, value, {
          httpOnly: name.includes('at-main'),
          sameSite: 'Lax',
          maxAgeMs: 86_400_000,
        })
      })
      reply.header('set-cookie', cookies)
    },
    isIn: (request) => sessions.has(tokenOf(request)),
    end(request, reply) {
      counts.logouts += 1
      sessions.delete(tokenOf(request))
      reply.header(
        'set-cookie',
        held.map((name) => setCookie(name, '', { sameSite: 'Lax', maxAgeMs: 0 })),
      )
    },
    holdsSession(state) {
      const text = JSON.stringify(state)
      return [...sessions].some((token) => text.includes(token))
    },
    endSessions: () => sessions.clear(),
    forget() {
      Object.assign(counts, zeros)
      sessions.clear()
      visits.forget()
    },
  }
}
