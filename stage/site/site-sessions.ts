import { randomBytes } from 'node:crypto'
import type { Personality } from './personality.ts'

/** What the site tells about a session; the cookie's value is not in it. */
export interface SiteSession {
  /** 1, 2, 3 …: the how-manieth sign-in made it. */
  number: number
  username: string
  obtainedAt: Date
  lastSeenAt: Date
  endsAt: Date | null
  rotations: number
}

interface Live extends SiteSession {
  deviceId: string
  sid: string
  rotatedAt: number
}

export interface SiteSessions {
  begin(username: string, deviceId: string): { session: SiteSession; sid: string }
  /**
   * The session that a request's `sid` belongs to. `renew` is the value for a new `Set-Cookie`, where the
   * cookie was rotated or its date moves. A former value may end the session (`staleCookie`).
   */
  see(sid: string | undefined): { session: SiteSession; deviceId: string; renew?: string } | undefined
  end(sid: string | undefined): void
  /** Ends all sessions and says how many there were. */
  killAll(): number
  list(): SiteSession[]
}

/** The site's memory of who is signed in. */
export function createSiteSessions(personality: () => Personality, now: () => number): SiteSessions {
  const bySid = new Map<string, Live>()
  const formerSids = new Map<string, { next: string; untilMs: number }>()
  let begun = 0

  const newSid = () => randomBytes(24).toString('base64url')
  const endFromNow = () => {
    const { lifetimeMs } = personality()
    return lifetimeMs === null ? null : new Date(now() + lifetimeMs)
  }
  const isOver = (session: SiteSession) => session.endsAt !== null && session.endsAt.getTime() <= now()

  function dropEnded(): void {
    for (const [sid, session] of bySid) if (isOver(session)) bySid.delete(sid)
  }

  function endAllOf(username: string): void {
    for (const [sid, session] of bySid) if (session.username === username) bySid.delete(sid)
  }

  /** Follows a former value to the one that it was rotated into. */
  function currentSid(former: string): string | undefined {
    let sid = formerSids.get(former)?.next
    for (let next = sid; next !== undefined; next = formerSids.get(next)?.next) sid = next
    return sid
  }

  /** Of who has not heard of the newest value yet. */
  function inGrace(sid: string): Live | undefined {
    const former = formerSids.get(sid)
    return former && now() < former.untilMs ? bySid.get(currentSid(sid) ?? '') : undefined
  }

  /** Nobody's value; where it is a former one, it may cost the session. */
  function sawUnknown(sid: string): void {
    const rotated = currentSid(sid)
    if (rotated !== undefined && personality().staleCookie === 'kills_session') bySid.delete(rotated)
  }

  function rotate(session: Live): void {
    const sid = newSid()
    bySid.delete(session.sid)
    formerSids.set(session.sid, { next: sid, untilMs: now() + personality().graceMs })
    bySid.set(sid, session)
    session.sid = sid
    session.rotatedAt = now()
    session.rotations += 1
  }

  return {
    begin(username, deviceId) {
      const at = now()
      begun += 1
      if (personality().singleSession) endAllOf(username)
      const session: Live = {
        number: begun,
        username,
        obtainedAt: new Date(at),
        lastSeenAt: new Date(at),
        endsAt: endFromNow(),
        rotations: 0,
        deviceId,
        sid: newSid(),
        rotatedAt: at,
      }
      bySid.set(session.sid, session)
      return { session: told(session), sid: session.sid }
    },
    see(sid) {
      dropEnded()
      if (sid === undefined) return undefined
      const session = bySid.get(sid) ?? inGrace(sid)
      if (session === undefined) {
        sawUnknown(sid)
        return undefined
      }
      const { sliding, datedCookie, rotateEveryMs } = personality()
      session.lastSeenAt = new Date(now())
      if (sliding) session.endsAt = endFromNow()
      const isRotated = rotateEveryMs !== null && now() - session.rotatedAt >= rotateEveryMs
      if (isRotated) rotate(session)
      const isRenewed = isRotated || (sliding && datedCookie)
      return {
        session: told(session),
        deviceId: session.deviceId,
        ...(isRenewed && { renew: session.sid }),
      }
    },
    end(sid) {
      if (sid !== undefined) bySid.delete(sid)
    },
    killAll() {
      dropEnded()
      const killed = bySid.size
      bySid.clear()
      formerSids.clear()
      return killed
    },
    list() {
      dropEnded()
      return [...bySid.values()].map(told)
    },
  }
}

function told({ number, username, obtainedAt, lastSeenAt, endsAt, rotations }: Live): SiteSession {
  return { number, username, obtainedAt, lastSeenAt, endsAt, rotations }
}
