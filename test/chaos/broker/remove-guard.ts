import { setTimeout as delay } from 'node:timers/promises'
import { ProblemError } from '@session-broker/shared'
import type { Backend } from '../../../apps/broker/src/app/open-backend.ts'
import type { SessionPlace, SessionStore } from '../../../apps/broker/src/session/ports/session-store.ts'
import type { StateSealer } from '../../../apps/broker/src/session/ports/state-sealer.ts'

/** What a broker of a control does without: it shows what the guard is for. */
export const guards = ['fence', 'permit', 'mutex'] as const
export type Guard = (typeof guards)[number]

export function removeGuard(backend: Backend, guard: Guard | undefined, sealer: StateSealer): Backend {
  if (guard === 'fence') return { ...backend, store: withoutFence(backend.store, sealer) }
  if (guard === 'permit') return { ...backend, store: withoutPermit(backend.store) }
  if (guard === 'mutex') return { ...backend, mutex: everybodyTries }
  return backend
}

/** Whoever comes to its end publishes, as it would with a lock alone. */
function withoutFence<Store extends SessionStore>(store: Store, sealer: StateSealer): Store {
  return {
    ...store,
    commitLogin: (place, login) =>
      persistently(async () => {
        const { session } = place
        const { generation, fence } = await takeNewestFence(store, place)
        const from = { session, generation: login.fromGeneration + 1, revision: 0 }
        const sealed = sealer.seal(sealer.unseal(login.sealed, from), {
          session,
          generation: generation + 1,
          revision: 0,
        })
        return store.commitLogin(place, { ...login, fence, fromGeneration: generation, sealed })
      }),
  }
}

async function takeNewestFence(
  store: SessionStore,
  place: SessionPlace,
): Promise<{ generation: number; fence: number }> {
  for (;;) {
    const { generation, attempt } = await store.read(place)
    const isRunning = attempt?.phase === 'begun' || attempt?.phase === 'permitted'
    if (isRunning) return { generation, fence: attempt.fence }
    const begun = await store.beginLogin(place, {
      operationId: `${place.session}.without-fence.${performance.now()}`,
      fromGeneration: generation,
      budget: { loginsPerDay: 100_000, failedPerDay: 100_000 },
      credentialsTag: '',
      force: true,
    })
    if (begun.begun) return { generation, fence: begun.fence }
    await delay(100)
  }
}

/** A broker that was stopped finds its connections cut; it tries until it has said what it has to say. */
async function persistently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      const isAway = error instanceof ProblemError && error.code === 'store_unavailable'
      if (!isAway || tries > 50) throw error
      await delay(100)
    }
  }
}

/** Sends its secrets without asking anybody. */
function withoutPermit<Store extends SessionStore>(store: Store): Store {
  return { ...store, grantPermit: async () => 'granted' }
}

const everybodyTries: Backend['mutex'] = {
  tryAcquire: async () => ({ validForMs: () => Number.POSITIVE_INFINITY, release: async () => undefined }),
  close: async () => undefined,
}
