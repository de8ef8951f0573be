import { test as base } from '@playwright/test'
import { type SignedIn, sessionFixtures } from '@session-broker/client/playwright-test'

const { SESSION_BROKER_URL: url = 'http://127.0.0.1:8787', SESSION_BROKER_KEY: key = '' } = process.env

/** Every test begins signed in. */
export const test = base.extend<object, SignedIn>(sessionFixtures({ url, key }))
export { expect } from '@playwright/test'
