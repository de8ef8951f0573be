import type { SessionPlace, SessionStore } from '../../../apps/broker/src/session/ports/session-store.ts'
import type { SealedState, StateSealer } from '../../../apps/broker/src/session/ports/state-sealer.ts'
import { contentOf } from '../history/content-of.ts'
import type { Published, StoreStep } from '../history/history.ts'
import type { HistoryWriter } from '../history/history-file.ts'

interface Recording {
  history: HistoryWriter
  sealer: StateSealer
}

/** The store, with each step of a login written down before it is asked and after it was answered. */
export function recordStore<Store extends SessionStore>(store: Store, { history, sealer }: Recording): Store {
  async function noted<T>(
    { session, account }: SessionPlace,
    { step, ask, told }: { step: StoreStep; ask: () => Promise<T>; told: (answer: T) => unknown },
  ): Promise<T> {
    const answered = history.asked({ session, account }, step)
    const answer = await ask()
    answered(told(answer))
    return answer
  }

  function published(
    { session }: SessionPlace,
    { generation, revision, mark, sealed }: Omit<Published, 'content'> & { sealed: SealedState },
  ): Published {
    const { state } = sealer.unseal(sealed, { session, generation, revision })
    return { generation, revision, mark, content: contentOf(state) }
  }

  return {
    ...store,
    beginLogin: (place, login) =>
      noted(place, {
        step: { name: 'begin', operationId: login.operationId, fromGeneration: login.fromGeneration },
        ask: () => store.beginLogin(place, login),
        told: (answer) => (answer.begun ? answer.fence : answer.reason),
      }),
    grantPermit: (place, permit) =>
      noted(place, {
        step: { name: 'permit', fence: permit.fence, durationMs: permit.durationMs },
        ask: () => store.grantPermit(place, permit),
        told: (answer) => answer,
      }),
    commitLogin(place, login) {
      const { fence, operationId, fromGeneration } = login
      const what = published(place, { ...login, generation: fromGeneration + 1, revision: 0 })
      return noted(place, {
        step: { name: 'commit', fence, operationId, ...what },
        ask: () => store.commitLogin(place, login),
        told: (answer) => answer,
      })
    },
    failLogin: (place, report) =>
      noted(place, {
        step: { name: 'fail', fence: report.fence, answered: report.answered },
        ask: () => store.failLogin(place, report),
        told: () => 'done',
      }),
    writeRevision(place, change) {
      const what = published(place, { ...change, revision: change.fromRevision + 1 })
      return noted(place, {
        step: { name: 'revision', ...what },
        ask: () => store.writeRevision(place, change),
        told: (answer) => answer,
      })
    },
  }
}
