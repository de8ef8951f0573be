import type { Page } from 'playwright'
import type { LoginContext } from '../contexts.ts'
import { type Answer, defineRecipe } from '../define-recipe.ts'

/**
 * Amazon's sign-in, the same on all of its marketplaces. Its buttons are transparent fields that lie over a drawing of a button, so that
 * reading the page finds none; everything has an id. A good `login.url` is a page that only the account sees, such as
 * `https://www.amazon.com/gp/css/order-history`: it leads to the sign-in and back, and a check can be derived from it.
 */
export const amazon = defineRecipe({
  fields: {
    username: '#ap_email, #ap_email_login',
    password: '#ap_password',
    code: '#auth-mfa-otpcode',
    remember: 'input[name=rememberMe], #auth-mfa-remember-device',
    submit: '#continue, #signInSubmit, #auth-signin-button',
  },
  async answer(page, _reading, context) {
    for (const { on, answer } of pages) {
      const isThere = await page.locator(on).filter({ visible: true }).first().isVisible()
      if (isThere) return answer(page, context)
    }
    return undefined
  },
  async logout(page, { loginUrl }) {
    await page.goto(new URL('/gp/flex/sign-out.html?action=sign-out&signIn=1', loginUrl).href)
  },
})

interface KnownPage {
  /** What tells it from the others. */
  on: string
  answer: (page: Page, context: LoginContext) => Answer | Promise<Answer>
}

const pressMs = 5_000
const accounts = '[data-name=switch_account_request], .cvf-account-switcher-claim'

const sentCode =
  '#cvf-input-code, form[action=verify] input[name=code], #verification-code-form input[name=code]'

const pages: readonly KnownPage[] = [
  {
    on: '#auth-captcha-image, .cvf-widget-form-captcha, form[action*=validateCaptcha] img',
    answer: () => 'captcha',
  },
  {
    on: 'form[action*=validateCaptcha] button',
    answer: (page) => press(page, 'form[action*=validateCaptcha] button'),
  },
  { on: `#cvf-account-switcher-add-accounts-link, ${accounts}`, answer: chooseAccount },
  { on: '#auth-select-device-form', answer: chooseApp },
  {
    on: '#ap-account-fixup-phone-skip-link',
    answer: (page) => press(page, '#ap-account-fixup-phone-skip-link'),
  },
  { on: '#resend-approval-form, #pollingForm', answer: () => 'approve_elsewhere' },
  { on: sentCode, answer: giveSentCode },
  {
    on: '#intent-confirmation-form, #intent-confirmation-container',
    answer: (_page, { fail }) => fail('bad_credentials', 'Amazon has no account with this username'),
  },
  {
    on: 'form[name=forgotPassword]',
    answer: (_page, { fail }) => fail('locked', 'Amazon wants the password to be changed'),
  },
]

async function press(page: Page, selector: string): Promise<Answer> {
  await page
    .locator(selector)
    .filter({ visible: true })
    .first()
    .click({ timeout: pressMs, noWaitAfter: true })
  return 'done'
}

/** The one with the name that is to sign in; where it is not among them, another one is added. */
async function chooseAccount(page: Page, { username }: LoginContext): Promise<Answer> {
  const own = page.locator(accounts).filter({ hasText: username, visible: true }).first()
  if (!(await own.isVisible())) return press(page, '#cvf-account-switcher-add-accounts-link')
  await own.click({ timeout: pressMs, noWaitAfter: true })
  return 'done'
}

/** A code of an app needs nobody; otherwise the way that is chosen already. */
async function chooseApp(page: Page): Promise<Answer> {
  const app = page.locator('.auth-TOTP input[name=otpDeviceContext]').first()
  if ((await app.count()) > 0) await app.check({ timeout: pressMs, force: true })
  return press(page, '#auth-send-code')
}

/** By mail or message, on top of an app's: Amazon does that where a browser is new to it. */
async function giveSentCode(page: Page, { typeCode, press }: LoginContext): Promise<Answer> {
  const field = page.locator(sentCode).filter({ visible: true }).first()
  await typeCode(field, { from: 'person' })
  await press(page.locator('form').filter({ has: field }).locator('[type=submit]').first())
  return 'done'
}
