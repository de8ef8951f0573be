import { withSetUpLock } from './lock.mjs'
import { findTools } from './tools.mjs'

/**
 * Makes sure of each need, in order. A need is `{ isReady(): boolean, make(): Promise<void> }`: `isReady` looks at a
 * few facts and is quick, since it runs each time; `make` brings what is missing or fails with a SetUpError.
 * When all is there, nothing is said, written or started.
 *
 * @returns {Promise<{ nodePath: string, nodeDir: string, pnpmPath: string }>}
 */
export async function setUp(needs) {
  if (!needs.every((need) => need.isReady())) {
    await withSetUpLock(async () => {
      for (const need of needs) if (!need.isReady()) await need.make()
    })
  }
  return findTools()
}
