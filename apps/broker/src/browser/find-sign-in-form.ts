import type { Recipe } from '@session-broker/shared'
import type { Frame, Locator, Page } from 'playwright'

/** Where to type and what to press. `submit` is absent where the form has no button: Enter sends it. */
export interface SignInForm {
  username: Locator
  password: Locator
  submit?: Locator
}

const identifierTypes = ['text', 'email', 'tel', 'url', 'search', '']

/**
 * Finds the sign-in form of the page, in any of its frames: the visible password field, the text field before it and the
 * button after it. What the recipe names is taken as named.
 */
export async function findSignInForm(page: Page, { fields }: Recipe): Promise<SignInForm | undefined> {
  for (const frame of page.frames()) {
    const password = frame
      .locator(fields.password ?? 'input[type=password]')
      .filter({ visible: true })
      .first()
    if ((await password.count()) === 0) continue
    const username = await findUsername(frame, fields.username)
    if (!username) continue
    const submit = fields.submit ? frame.locator(fields.submit).first() : await findSubmit(password)
    return { username, password, ...(submit && { submit }) }
  }
  return undefined
}

/** `autocomplete=username` says it itself; otherwise it is the last visible text field before the password's. */
async function findUsername(frame: Frame, selector: string | undefined): Promise<Locator | undefined> {
  if (selector) return frame.locator(selector).filter({ visible: true }).first()
  const declared = frame.locator('input[autocomplete~=username]').filter({ visible: true })
  if ((await declared.count()) > 0) return declared.first()
  const inputs = frame.locator('input').filter({ visible: true })
  const types = await inputs.evaluateAll((all) => all.map((input) => input.getAttribute('type') ?? ''))
  const password = types.indexOf('password')
  const index = types.slice(0, password).findLastIndex((type) => identifierTypes.includes(type))
  return index === -1 ? undefined : inputs.nth(index)
}

/** The button that sends the password's form; without a `<form>`, the first button after the field. */
async function findSubmit(password: Locator): Promise<Locator | undefined> {
  const inForm = password
    .locator('xpath=ancestor::form[1]')
    .locator('button[type=submit], input[type=submit], button:not([type]), input[type=image]')
  const following = password.locator('xpath=following::*[self::button or @role="button"][1]')
  for (const candidates of [inForm, following]) {
    const visible = candidates.filter({ visible: true })
    if ((await visible.count()) > 0) return visible.first()
  }
  return undefined
}
