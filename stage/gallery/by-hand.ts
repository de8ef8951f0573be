import type { Page } from 'playwright'
import type { Hand } from './door-plan.ts'
import type { Door } from './start-door.ts'

/** Signs in as a person would who knows this very page, up to the button that sends the password. */
export async function sendPasswordByHand(page: Page, door: Door, password = door.password): Promise<void> {
  if (!door.asksInDialog) await page.goto(door.loginUrl, { waitUntil: 'commit' })
  await door.byHand.signIn(page, { ...handOf(door), password })
}

/** The whole way in: codes, consent and what else comes after the password. Resolves when the last button is pressed. */
export async function signInByHand(page: Page, door: Door): Promise<void> {
  await sendPasswordByHand(page, door)
  await door.byHand.afterwards?.(page, handOf(door))
}

function handOf({ loginUrl, username, password, nextCode, approve }: Door): Hand {
  return { loginUrl, username, password, nextCode, approve }
}
