import { expect, test } from './signed-in.ts'

test('a member is greeted', async ({ page }) => {
  await page.goto('/')
  await expect(page.locator('h1')).toContainText('Hello')
})

test('who finds the session ended has it renewed', async ({ context, signedIn }) => {
  await context.request.post('/logout')
  const { outcome } = await signedIn.signedOut({ reason: 'a test signed out' })
  expect(outcome).toBe('renewed')
})

test('for the tests that follow, too', async ({ page, signedIn }) => {
  await page.goto('/')
  await expect(page.locator('h1')).toContainText('Hello')
  expect(signedIn.current().generation).toBe(2)
})
