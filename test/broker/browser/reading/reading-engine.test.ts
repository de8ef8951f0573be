import type { Page } from 'playwright'
import t, { type Test } from 'tap'
import { readFrames } from '../../../../apps/broker/src/browser/reading/read-page.ts'
import { openHouse } from '../open-house.ts'
import { startPage } from '../visit-page.ts'

const form = '<form><input name="user"><input name="secret" type="password"><button>Sign in</button></form>'

/** Evaluates nothing, and has bent what readings are made with. */
const hostile = `<meta http-equiv="content-security-policy" content="script-src 'nonce-a'; require-trusted-types-for 'script'">
${form}<script nonce="a">
Object.prototype.toJSON = () => 'bent'; JSON.stringify = () => 'bent'; Array.prototype.push = () => 0; Element.prototype.matches = () => false
</script>`

async function onPage(t: Test, html: string, visit: (page: Page) => Promise<void>): Promise<void> {
  const { origin } = await startPage(t, { form: html })
  const { house } = await openHouse(t)
  const signal = AbortSignal.timeout(30_000)
  await house.withContext({ signal, exit: { sites: [origin], isOver: () => false } }, async (_, __, page) => {
    await page.goto(`${origin}/login`)
    await visit(page)
  })
}

async function readMain(page: Page) {
  const [main] = await readFrames(page)
  if (!main) throw new Error('the page was not read')
  return main
}

t.test('a page can neither forbid its reading nor bend it', async (t) => {
  await onPage(t, hostile, async (page) => {
    const { seen, element } = await readMain(page)
    t.same(
      seen.fields.map(({ name }) => name),
      ['user', 'secret'],
    )
    t.match(seen.buttons, [{ text: 'Sign in', kind: 'submit' }])
    for (const field of seen.fields) await element(field.element).fill(`for ${field.name}`)
    t.equal(await page.inputValue('[name=user]'), 'for user')
    t.equal(await page.inputValue('[name=secret]'), 'for secret')
  })
})

t.test('a reading leaves nothing in the page', async (t) => {
  await onPage(t, form, async (page) => {
    const before = await page.content()
    await readMain(page)
    t.equal(await page.content(), before)
  })
})

t.test('what is done with an element fails at once', async (t) => {
  await t.test('when it has been drawn anew since', (t) =>
    onPage(t, form, async (page) => {
      const { element } = await readMain(page)
      await page.locator('form').evaluate((drawn) => drawn.replaceWith(drawn.cloneNode(true)))
      await t.rejects(element(0).fill('x', { timeout: 20_000 }), { message: /the element is gone/ })
    }),
  )

  await t.test('when the page has been read anew since', (t) =>
    onPage(t, form, async (page) => {
      const { element } = await readMain(page)
      const newer = await readMain(page)
      await t.rejects(element(0).fill('x', { timeout: 20_000 }), { message: /the element is gone/ })
      await newer.element(0).fill('x')
      t.equal(await page.inputValue('[name=user]'), 'x')
    }),
  )

  await t.test('when the page is another', (t) =>
    onPage(t, form, async (page) => {
      const { element } = await readMain(page)
      await page.reload()
      await t.rejects(element(0).fill('x', { timeout: 20_000 }), { message: /the element is gone/ })
    }),
  )
})
