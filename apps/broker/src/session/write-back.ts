import { type Cookie, ProblemError } from '@session-broker/shared'
import { hasRotated } from './check-session.ts'
import { checkState } from './check-state.ts'
import { lookAs } from './exit-request.ts'
import type { Clock } from './ports/clock.ts'
import type { LoginMutex } from './ports/login-mutex.ts'
import type { SessionStore, StoredSession } from './ports/session-store.ts'
import type { StateSealer } from './ports/state-sealer.ts'
import { type ProveDependencies, unclear } from './prove-capture.ts'
import type { PublishedCapture } from './publish-capture.ts'
import { type InPlaceOf, requireReplaced, tooLate } from './require-replaced.ts'
import type { SessionDefinition } from './session-definition.ts'
import { type SessionMirror, versionOf } from './session-mirror.ts'
import { requireOwnSites } from './session-sites.ts'
import { requireSoundCookies } from './sound-cookies.ts'
import { boundMs, takeTurn, turnMs } from './take-turn.ts'
import { untilStored } from './until-stored.ts'
import { withinTime } from './within-time.ts'

export interface WriteBackDependencies extends ProveDependencies {
  store: SessionStore
  sealer: StateSealer
  mutex: LoginMutex
  mirror: Pick<SessionMirror, 'reload'>
  clock: Clock
  newMark: () => string
}

export interface WriteBack {
  definition: SessionDefinition
  /** All of the session, as a Chrome that was given its newest revision holds them now. */
  cookies: Cookie[]
  inPlaceOf: InPlaceOf
  signal: AbortSignal
}

/**
 * Publishes what a Chrome has made of the newest revision as the next one of the same generation: in the account's turn, so that
 * nobody else shows the site a state meanwhile, and after the site has shown this one signed in. What the site's answer to that changes is
 * published with it. It costs no login.
 * @throws ProblemError `write_back_off`, `request_invalid`, `precondition_failed`, `state_not_signed_in`, `check_unclear`, `account_busy`, `store_unavailable`, `shutting_down`.
 */
export async function writeBack(
  dependencies: WriteBackDependencies,
  order: WriteBack,
): Promise<PublishedCapture> {
  const { store, mutex, clock } = dependencies
  const { definition, cookies, inPlaceOf } = order
  requireWriteBack(definition)
  if (inPlaceOf === 'none')
    throw new ProblemError('request_invalid', 'headers: a revision takes the place of one: send If-Match')
  requireSoundCookies({ cookies })
  requireOwnSites(definition, { cookies, origins: [] })
  return withinTime({ clock, ms: boundMs, signal: order.signal }, async (signal) => {
    // Whoever is too late need not wait for the turn.
    requireReplaced(inPlaceOf, await store.read(definition))
    const lease = await takeTurn({ mutex, clock }, { account: definition.account, withinMs: turnMs, signal })
    try {
      const now = await store.read(definition)
      requireReplaced(inPlaceOf, now)
      if (!now.stored) throw tooLate(now)
      return await proveAndPublish(dependencies, { ...order, signal }, now.stored)
    } finally {
      await lease.release()
    }
  })
}

/** @throws ProblemError `write_back_off` */
export function requireWriteBack({ session, writeBack }: SessionDefinition): void {
  if (writeBack) return
  throw new ProblemError(
    'write_back_off',
    `write-back is off for ${session}: sessions.${session}.writeBack: true in the broker's configuration allows it`,
  )
}

async function proveAndPublish(
  dependencies: WriteBackDependencies,
  { definition, cookies, signal }: WriteBack,
  stored: StoredSession,
): Promise<PublishedCapture> {
  const { store, sealer, mirror, clock, newMark } = dependencies
  const { session } = definition
  const { generation } = stored
  const content = sealer.unseal(stored.sealed, { session, generation, revision: stored.revision })
  const check = definition.check ?? content.check
  const given = { ...content.state, cookies }
  if (definition.check) await dependencies.tryCheck(definition, signal)
  const look = lookAs(definition, dependencies.look)
  const { verdict, state } = await checkState(look, { check, state: given, signal })
  if (verdict === 'unclear') throw unclear(session)
  if (verdict === 'signed_out') {
    throw new ProblemError(
      'state_not_signed_in',
      `the check at ${check.url} says that these cookies are signed out; the last revision stays`,
    )
  }
  const revision = stored.revision + 1
  const publication = {
    ...{ generation, fromRevision: stored.revision, verdict, mark: newMark() },
    rotated: hasRotated(content.state.cookies, state.cookies),
    sealed: sealer.seal({ state, check }, { session, generation, revision }),
  }
  const isPublished = await untilStored({ clock, signal }, () => store.writeRevision(definition, publication))
  if (!isPublished) throw tooLate(await store.read(definition))
  await untilStored({ clock, signal }, () => mirror.reload(session))
  const version = versionOf({ generation, revision, mark: publication.mark })
  return { generation, revision, version, isFirst: false }
}
