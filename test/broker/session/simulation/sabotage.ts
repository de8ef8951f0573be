import type { SessionPlace, SessionStore } from '../../../../apps/broker/src/session/ports/session-store.ts'
import type { LoginJob } from '../../../../apps/broker/src/session/ports/site-login.ts'
import { budget, startOf } from '../define-session.ts'

/** A guard that is taken out, to see that the simulation would notice. */
export interface Sabotage {
  store?: (store: SessionStore) => Partial<SessionStore>
  job?: (job: LoginJob) => LoginJob
}

export const sabotages = {
  nothing: {},

  'the fence at the permit': {
    store: (store) => ({
      async grantPermit(place, permit) {
        const { attempt } = await store.read(place)
        return store.grantPermit(place, { ...permit, fence: attempt?.fence ?? permit.fence })
      },
    }),
  },

  'the fence at the end': {
    store: (store) => ({
      async commitLogin(place, login) {
        const { generation: fromGeneration, stored } = await store.read(place)
        if (stored?.operationId === login.operationId) return 'committed'
        const fence = await anyRunningFence(store, place)
        return store.commitLogin(place, { ...login, fence, fromGeneration })
      },
    }),
  },

  "the permit's wait": {
    store: (store) => ({
      grantPermit: (place, permit) => store.grantPermit(place, { ...permit, durationMs: 0 }),
    }),
  },

  'the look before the press': {
    job: (job) => ({ ...job, confirmPermit() {} }),
  },

  'the breaker': {
    store: (store) => ({
      failLogin: (place, { breaker: _, ...report }) => store.failLogin(place, report),
    }),
  },

  'the budget': {
    store: (store) => ({
      beginLogin: (place, login) => store.beginLogin(place, { ...login, budget }),
      grantPermit: (place, permit) => store.grantPermit(place, { ...permit, budget }),
    }),
  },
  'the revision at a write-back': {
    store: (store) => ({
      async writeRevision(place, change) {
        const { stored } = await store.read(place)
        const { generation, revision: fromRevision } = stored ?? { ...change, revision: change.fromRevision }
        return store.writeRevision(place, { ...change, generation, fromRevision })
      },
    }),
  },

  'the state that a capture replaces': {
    store: (store) => ({
      async publishCapture(place, capture) {
        const { generation: fromGeneration, stored } = await store.read(place)
        return store.publishCapture(place, { ...capture, fromGeneration, replaces: stored })
      },
    }),
  },
} satisfies Record<string, Sabotage>

export type SabotageName = keyof typeof sabotages

async function anyRunningFence(store: SessionStore, place: SessionPlace): Promise<number> {
  const { generation, attempt, breaker } = await store.read(place)
  const begun = await store.beginLogin(
    place,
    startOf({
      ...{ fromGeneration: generation, force: true, budget },
      ...(breaker?.credentialsTag && { credentialsTag: breaker.credentialsTag }),
    }),
  )
  return begun.begun ? begun.fence : (attempt?.fence ?? 0)
}
