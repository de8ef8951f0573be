import { ProblemError } from '@session-broker/shared'
import type { MirroredSession, SessionMirror } from '../../session/session-mirror.ts'
import type { Principal } from './principal.ts'

/** The sessions as one key sees them: one that it may not see does not exist for it. */
export interface VisibleSessions {
  names(principal: Principal): readonly string[]
  sees(principal: Principal, name: string): boolean
  /**
   * The session that a request means. Without a name: the only visible one, or `default`.
   * @throws ProblemError `session_unknown`, `session_ambiguous`.
   */
  pick(principal: Principal, name: string | undefined): MirroredSession
}

export function createVisibleSessions(mirror: SessionMirror): VisibleSessions {
  const configured: ReadonlySet<string> = new Set(mirror.names())
  const namesOf = new WeakMap<Principal, readonly string[]>()

  function sees({ sessions }: Principal, name: string): boolean {
    return configured.has(name) && (sessions === undefined || sessions.has(name))
  }

  function names(principal: Principal): readonly string[] {
    const known = namesOf.get(principal)
    if (known) return known
    const visible = [...configured].filter((name) => sees(principal, name))
    namesOf.set(principal, visible)
    return visible
  }

  function pick(principal: Principal, name: string | undefined): MirroredSession {
    const meant = name ?? unnamed(names(principal))
    if (sees(principal, meant)) return mirror.get(meant)
    throw new ProblemError('session_unknown', `there is no session ${meant} that this key may see`)
  }

  return { names, sees, pick }
}

function unnamed(names: readonly string[]): string {
  const [only] = names
  if (only === undefined) throw new ProblemError('session_unknown', 'this key may see no session')
  if (names.length === 1) return only
  if (names.includes('default')) return 'default'
  throw new ProblemError('session_ambiguous', `add ?session= with one of: ${names.join(', ')}`)
}
