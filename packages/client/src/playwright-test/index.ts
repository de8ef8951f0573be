import { createBrokerClient } from '../broker-client.ts'
import { type FollowedSession, type FollowOptions, followSession } from '../follow/follow-session.ts'
import { contextOptions, type StorageState } from '../playwright/context-options.ts'

export interface SessionFixturesOptions extends Pick<FollowOptions, 'session' | 'onTrouble'> {
  /** Where the broker is; of several replicas, another is taken when one fails. */
  url: string | readonly string[]
  /** `sb_…`, with the scopes read and refresh. */
  key: string
}

/** For `test.extend`: every context of a test, and so `page`, begins with the newest state and its user agent. */
export interface SessionFixtures {
  /** The session, followed by each Playwright worker from its first test to its last. */
  signedIn: [(args: object, use: (followed: FollowedSession) => Promise<void>) => Promise<void>, WorkerScope]
  storageState: FromSession<StorageState>
  userAgent: FromSession<string>
}

type WorkerScope = { scope: 'worker' }
type FromSession<T> = (args: { signedIn: FollowedSession }, use: (value: T) => Promise<void>) => Promise<void>

/**
 * Fixtures that sign every test in: `base.extend<object, SignedIn>(sessionFixtures({ url, key }))`. A test that finds the session
 * ended calls `signedIn.signedOut()`; the next context has the new one.
 */
export function sessionFixtures({ url, key, session, onTrouble }: SessionFixturesOptions): SessionFixtures {
  return {
    signedIn: [
      // Playwright reads the names of the fixtures that are needed from this very text.
      // biome-ignore lint/correctness/noEmptyPattern: none
      async ({}, use) => {
        const client = createBrokerClient({ url, key, session })
        const followed = await followSession({ client, onTrouble })
        await use(followed)
        await followed.close()
        await client.close()
      },
      { scope: 'worker' },
    ],
    storageState: async ({ signedIn }, use) => use(contextOptions(signedIn.current()).storageState),
    userAgent: async ({ signedIn }, use) => use(contextOptions(signedIn.current()).userAgent),
  }
}

/** What the fixtures add to a test’s arguments. */
export interface SignedIn {
  signedIn: FollowedSession
}
