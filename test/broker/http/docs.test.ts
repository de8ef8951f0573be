import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findChrome } from '@session-broker/chrome'
import { chromium } from 'playwright'
import t from 'tap'
import { buildTestServer, canary, keyOf } from './build-test-server.ts'

t.test('Swagger UI works in a browser: authorize, try it out', async (t) => {
  const { app, publish, close } = await buildTestServer()
  t.teardown(close)
  await publish()
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const profile = await mkdtemp(join(tmpdir(), 'docs-test-'))
  t.teardown(() => rm(profile, { recursive: true, force: true }))
  const { path: executablePath } = await findChrome()
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    viewport: { width: 1200, height: 1400 },
  })
  t.teardown(() => browser.close())
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`))

  await page.goto(`${address}/docs`)
  await page.getByText('The state of a session').waitFor()
  t.same(complaints, [], 'nothing is held back by the content security policy')

  await page.getByRole('button', { name: 'Authorize' }).click()
  const dialog = page.locator('.dialog-ux')
  await dialog.getByRole('textbox').fill(keyOf('reader'))
  await dialog.getByRole('button', { name: /^(authorize|apply)/i }).click()
  await dialog.getByRole('button', { name: 'Close' }).click()

  await page.getByText('The state of a session').click()
  const operation = page.locator('#operations-session-readCookies')
  await operation.getByRole('button', { name: 'Execute' }).click()
  const answer = operation.locator('.live-responses-table .response')
  await answer.first().waitFor()
  t.match(await answer.first().innerText(), /^200/)
  t.match(await answer.first().innerText(), canary)
  t.same(complaints, [])

  const head = await app.inject('/docs')
  const policy = String(head.headers['content-security-policy'])
  t.match(policy, "default-src 'none'")
  t.match(policy, "script-src 'self';")
  t.match(policy, "frame-ancestors 'none'")
  t.equal(head.headers['x-content-type-options'], 'nosniff')
})
