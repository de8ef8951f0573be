import { type Cookie, cookieIdentity, type Verdict } from '@session-broker/shared'
import { checkState } from './check-state.ts'
import { lookAs } from './exit-request.ts'
import type { SessionStore, StoredSession } from './ports/session-store.ts'
import type { SiteLook } from './ports/site-look.ts'
import type { StateSealer } from './ports/state-sealer.ts'
import type { SessionDefinition } from './session-definition.ts'

export interface CheckDependencies {
  store: SessionStore
  sealer: StateSealer
  look: SiteLook
  newMark: () => string
}

/**
 * Asks the site whether the newest revision is signed in, and stores what came of it: the verdict, and as a new revision
 * what the site's answer has changed in the state. Only for the holder of the account's mutex: a state is shown by one at a time.
 */
export async function checkSession(
  { store, sealer, look, newMark }: CheckDependencies,
  {
    definition,
    stored,
    signal,
  }: { definition: SessionDefinition; stored: StoredSession; signal: AbortSignal },
): Promise<Verdict> {
  const { session } = definition
  const { generation, revision } = stored
  const content = sealer.unseal(stored.sealed, { session, generation, revision })
  const check = definition.check ?? content.check
  const { verdict, state } = await checkState(lookAs(definition, look), {
    check,
    state: content.state,
    signal,
  })
  // What the site has changed counts also where it does not tell the rest; of a dead session nothing does.
  if (verdict === 'signed_out' || state === content.state) {
    await store.recordCheck(definition, { generation, verdict })
    return verdict
  }
  const sealed = sealer.seal({ ...content, state }, { session, generation, revision: revision + 1 })
  const rotated = hasRotated(content.state.cookies, state.cookies)
  const change = { generation, fromRevision: revision, verdict, rotated, mark: newMark(), sealed }
  await store.writeRevision(definition, change)
  return verdict
}

/** A cookie that scripts cannot read, and that the site itself gave another value: a session that rotates. */
export function hasRotated(before: readonly Cookie[], after: readonly Cookie[]): boolean {
  const values = new Map(before.map((cookie) => [cookieIdentity(cookie), cookie.value]))
  return after.some((cookie) => {
    const known = values.get(cookieIdentity(cookie))
    return cookie.httpOnly && known !== undefined && known !== cookie.value
  })
}
