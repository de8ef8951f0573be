import { builtInRecipes } from '@session-broker/recipe'
import { ProblemError, recipeSchema, type SessionState } from '@session-broker/shared'
import { startAmazon, type Turns } from '@session-broker/stage/amazon'
import t from 'tap'
import { createLogOutPress } from '../../../../apps/broker/src/browser/log-out/log-out.ts'
import { createSiteLogin } from '../../../../apps/broker/src/browser/sign-in/sign-in.ts'
import { splitRecipe } from '../../../../apps/broker/src/config/split-recipe.ts'
import type { TrailStep } from '../../../../apps/broker/src/session/ports/login-traces.ts'
import type { AskPerson } from '../../../../apps/broker/src/session/ports/site-login.ts'
import { defineSession } from '../../session/define-session.ts'
import { nobody } from '../nobody.ts'
import { openSignIn } from '../visit-page.ts'

// The recipe that comes with the broker, at a site that takes the same turns under the same names.
t.setTimeout(600_000)
const { house } = await openSignIn(t)
const site = await startAmazon()
t.teardown(() => site.close())
const { data, hooks } = splitRecipe(builtInRecipes.amazon ?? {})
const definition = defineSession({ loginUrl: site.loginUrl, recipe: recipeSchema.parse(data) })

interface Attempt {
  turns?: Partial<Turns>
  username?: string
  password?: string
  /** `none`: the broker has no secret of an app. */
  code?: 'right' | 'wrong' | 'none'
  /** Left out: nobody answers. */
  askPerson?: AskPerson
}

interface Outcome {
  state?: SessionState
  problem?: ProblemError
  trail: string[]
}

async function signIn({
  turns = {},
  username,
  password,
  code = 'right',
  askPerson = nobody,
}: Attempt): Promise<Outcome> {
  site.forget()
  site.setTurns(turns)
  const trail: string[] = []
  const onStep = (_session: string, { what, text }: TrailStep) => void trail.push(`${what}: ${text}`)
  const siteLogin = createSiteLogin(house, { hooksOf: () => hooks, onStep })
  try {
    const { state } = await siteLogin({
      definition,
      credentials: {
        username: username ?? site.username,
        password: password ?? site.password,
        ...(code !== 'none' && { code: code === 'right' ? site.nextCode : async () => '000000' }),
      },
      requestPermit: () => Promise.resolve(),
      confirmPermit: () => undefined,
      askPerson,
      isOver: () => false,
      prove: async (result) => result,
      signal: AbortSignal.timeout(40_000),
    })
    return { state, trail }
  } catch (error) {
    if (error instanceof ProblemError) return { problem: error, trail }
    throw error
  }
}

const ways: Record<string, Partial<Turns>> = {
  'name, password, code': {},
  'without a code': { afterPassword: [] },
  'the newer form': { newForm: true },
  'a page with a button before everything': { continueShopping: true },
  'an account among others that this browser knows': { chooser: 'own' },
  'other accounts alone': { chooser: 'others' },
  'a choice of how the code comes': { afterPassword: ['method_choice', 'code'] },
  'a phone number and a passkey that it would like to have': {
    afterPassword: ['code', 'add_phone', 'passkey'],
  },
  'all of it': {
    ...{ newForm: true, continueShopping: true, chooser: 'own' },
    afterPassword: ['method_choice', 'code', 'add_phone', 'passkey'],
  },
}
for (const [name, turns] of Object.entries(ways)) {
  t.test(`it signs in over ${name}`, async (t) => {
    const { state, problem, trail } = await signIn({ turns })
    t.equal(problem, undefined, trail.join('\n'))
    t.ok(state && site.isSignedIn(state))
    const asksName = turns.chooser !== 'own'
    const codes = turns.afterPassword?.length === 0 ? 0 : 1
    t.match(site.stats(), {
      ...{ names: asksName ? 1 : 0, passwords: 1, codes, remembered: 1, signedIn: 1, astray: 0 },
    })
    t.match(
      state?.cookies.filter(({ name }) => name === 'at-main'),
      [{ httpOnly: true }],
    )
    t.ok(
      trail.includes('did: ticked "fields.remember"'),
      'the trail says what was taken as the recipe names it',
    )
    t.comment(`${trail.filter((line) => line.startsWith('did')).length} things done`)
  })
}

const refusals: Record<
  string,
  [Attempt, code: string, message: RegExp, sent: { passwords: number; codes: number }]
> = {
  'a wrong password': [
    { password: 'wrong-7Qx' },
    'login_bad_credentials',
    /username or the password is not right/,
    { passwords: 1, codes: 0 },
  ],
  'a wrong password, after which a captcha comes': [
    { password: 'wrong-7Qx', turns: { captcha: 'after_wrong' } },
    'login_bad_credentials',
    /username or the password is not right/,
    { passwords: 1, codes: 0 },
  ],
  'a captcha beside the password': [
    { turns: { captcha: 'with_password' } },
    'login_captcha',
    /captcha/,
    { passwords: 0, codes: 0 },
  ],
  'a wrong code': [
    { code: 'wrong' },
    'login_bad_credentials',
    /one-time code again/,
    { passwords: 1, codes: 1 },
  ],
  'a code without a secret for it': [
    { code: 'none' },
    'login_challenge_timeout',
    /one-time code/,
    { passwords: 1, codes: 0 },
  ],
  'a name that nobody has': [
    { username: 'nobody@example.com' },
    'login_bad_credentials',
    /asked for the username again/,
    { passwords: 0, codes: 0 },
  ],
  'a name for which it would make an account': [
    { username: 'nobody@example.com', turns: { unknownName: 'new_account' } },
    'login_bad_credentials',
    /no account with this username/,
    { passwords: 0, codes: 0 },
  ],
  'a captcha before everything': [
    { turns: { captcha: 'before_name' } },
    'login_captcha',
    /captcha/,
    { passwords: 0, codes: 0 },
  ],
  'an approval on the phone': [
    { turns: { afterPassword: ['approval'] } },
    'login_challenge_timeout',
    /another device/,
    { passwords: 1, codes: 0 },
  ],
  'a code by mail': [
    { turns: { afterPassword: ['mailed_code'] } },
    'login_challenge_timeout',
    /code/,
    { passwords: 1, codes: 0 },
  ],
  'a password that has to be changed': [
    { turns: { afterPassword: ['change_password'] } },
    'login_locked',
    /wants the password to be changed/,
    { passwords: 1, codes: 0 },
  ],
}
for (const [name, [attempt, code, message, sent]] of Object.entries(refusals)) {
  t.test(`it says so: ${name}`, async (t) => {
    const { problem, trail } = await signIn(attempt)
    t.match(problem, { code, message }, trail.join('\n'))
    t.match(site.stats(), { ...sent, signedIn: 0, astray: 0 })
  })
}

t.test(
  'a mailed code is asked of a person, also where the app has a secret, and once more after a slip',
  async (t) => {
    const asked: string[] = []
    const { state, problem, trail } = await signIn({
      turns: { afterPassword: ['mailed_code', 'code'] },
      async askPerson({ kind, prompt }) {
        asked.push(kind)
        t.match(prompt, /enter the code sent to/)
        return { kind: 'code', code: asked.length === 1 ? 'a slip' : await site.mailedCode() }
      },
    })
    t.equal(problem, undefined, trail.join('\n'))
    t.ok(state && site.isSignedIn(state))
    t.same(asked, ['code', 'code'])
    t.match(site.stats(), { passwords: 1, codes: 3, signedIn: 1, astray: 0 })
  },
)

t.test('an approval on the phone is waited for', async (t) => {
  const { state, problem, trail } = await signIn({
    turns: { afterPassword: ['approval'] },
    async askPerson({ kind }, { movedOn }) {
      t.equal(kind, 'approval')
      site.approve()
      await movedOn(AbortSignal.timeout(10_000))
      return { kind: 'moved_on' }
    },
  })
  t.equal(problem, undefined, trail.join('\n'))
  t.ok(state && site.isSignedIn(state))
})

t.test('it logs out', async (t) => {
  const { state } = await signIn({})
  if (!state) return void t.fail('it did not sign in')
  const press = createLogOutPress(house, () => hooks)
  const check = { url: site.loginUrl, in: 'http' as const, expect: { status: 200 } }
  t.same(await press({ definition, state, check, signal: AbortSignal.timeout(30_000) }), { pressed: true })
  t.match(site.stats(), { logouts: 1 })
  t.notOk(site.isSignedIn(state))
})
