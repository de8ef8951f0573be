/** A process of its own: opens the embedded store, commits a login, says so and stays until it is killed. */
import { openEmbeddedStore } from '../../../apps/broker/src/backend/embedded/embedded-store.ts'
import { createStateSealer } from '../../../apps/broker/src/seal/state-sealer.ts'
import { canaryKey, canaryState } from './canary.ts'
import { begin, newPlace } from './store-steps.ts'

const [, , folder = ''] = process.argv
const place = newPlace()
try {
  const store = openEmbeddedStore({ folder })
  const sealer = createStateSealer({ keys: [canaryKey] })
  const sealed = sealer.seal(canaryState, { session: place.session, generation: 1, revision: 0 })
  const login = await begin(store, place)
  await store.commitLogin(place, { ...login, mark: 'mark', sealed })
  process.send?.({ place, sealed })
  // Held on to: a database that nobody can reach any more is closed by the garbage collector.
  setInterval(() => void store.ping(), 1_000)
} catch (error) {
  process.send?.({ code: (error as { code?: string }).code })
}
