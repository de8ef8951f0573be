import type { LoginContext, Reading, RecipeHooks } from '@session-broker/recipe'
import { ProblemError } from '@session-broker/shared'
import t from 'tap'
import { atOnce } from '../few-at-once.ts'
import { openSignIn, password, plain, startPage } from '../visit-page.ts'

// What functions of a recipe can do in a login, in a real Chromium; one that does nothing is asked for as long as steps go.
t.setTimeout(300_000)
t.jobs = atOnce
const { logIn } = await openSignIn(t)

/** A keypad of its own instead of fields: nothing that reading could find. */
const strange = `<form method="post"><div role="textbox">Who</div><input name="u" type="hidden" id="who">
<div>Secret</div><input name="p" id="secret" tabindex="-1" style="width:9px"><span id="go" onclick="this.closest('form').submit()">→</span></form>`
const byHand: RecipeHooks = {
  async answer(page, _reading, context) {
    if ((await page.locator('#secret').count()) === 0) return undefined
    await page.locator('#who').evaluate((field, name) => field.setAttribute('value', name), context.username)
    await context.typePassword(page.locator('#secret'))
    await context.press(page.locator('#go'))
    return 'done'
  },
}
/** Something that is read, so that the functions are asked. */
const withButton = (form: string) =>
  `<button onclick="document.body.innerHTML = decodeURIComponent('${encodeURIComponent(form).replaceAll("'", '%27')}')">Sign in</button>`

t.test('one step is taken over, the others are read', { buffered: true }, async (t) => {
  const visit = await startPage(t, {
    form: withButton(strange),
    onPost: (_, response) =>
      response.end(
        '<h2>Trust this browser?</h2><button onclick="location=\'/home\'">Yes, trust this browser</button>',
      ),
  })
  const readings: Reading[] = []
  const permits: string[] = []
  const hooks: RecipeHooks = {
    answer(page, reading, context) {
      readings.push(reading)
      // The first reading is the broker's own to act on.
      return readings.length === 1 ? undefined : byHand.answer?.(page, reading, context)
    },
  }
  const { landedUrl } = await logIn(visit, {
    hooks,
    requestPermit: async () => void permits.push('asked'),
    confirmPermit: () => void permits.push('confirmed'),
  })
  t.equal(landedUrl, `${visit.origin}/home`)
  t.same(visit.posts, ['u=alice&p=right-7Qx'])
  t.same(
    permits,
    ['asked', 'confirmed', 'confirmed'],
    'a permit before it is typed, and a look before the press',
  )
  t.match(readings[0], { kind: 'entrance', wants: { password: false } })
})

t.test('a page before the sign-in is for the function before it', { buffered: true }, async (t) => {
  const visit = await startPage(t, {
    form: `<em onclick="document.body.innerHTML='${plain.replaceAll('"', '&quot;')}'">continue shopping</em>`,
  })
  const contexts: LoginContext[] = []
  await logIn(visit, {
    hooks: {
      async before(page, context) {
        contexts.push(context)
        await page.locator('em').click()
      },
    },
  })
  t.match(contexts[0], { session: 'shop', loginUrl: `${visit.origin}/login`, username: 'alice' })
  t.notMatch(JSON.stringify(contexts), /right-7Qx/, 'the password is not handed out')
  t.equal(visit.posts.length, 1)
})

t.test('a password that a function has typed is judged as any other', { buffered: true }, async (t) => {
  const field = `<form method="post"><input name="u">${password.replace('>', ' id="secret">')}<button id="go">Go</button></form>`
  const hooks: RecipeHooks = {
    async answer(page, _reading, context) {
      await page.locator('[name=u]').fill(context.username)
      await context.typePassword(page.locator('#secret'))
      await context.press(page.locator('#go'))
    },
  }
  const visit = await startPage(t, { form: field })
  await t.rejects(logIn(visit, { hooks, password: 'wrong-7Qx' }), { code: 'login_bad_credentials' })
  t.equal(visit.posts.length, 1, 'whatever the function returns, it is not sent again')
})

t.test('a one-time code is typed, and typed once', { buffered: true }, async (t) => {
  const ask =
    '<form method="post"><p>Digits of your key</p><input name="x" id="digits"><button>OK</button></form>'
  const visit = await startPage(t, {
    form: plain,
    onPost: (body, response) =>
      body === 'x=123456' ? response.writeHead(303, { location: '/home' }).end() : response.end(ask),
  })
  const hooks: RecipeHooks = {
    async answer(page, _reading, context) {
      if ((await page.locator('#digits').count()) === 0) return undefined
      await context.typeCode(page.locator('#digits'))
      await context.press(page.locator('button'))
      return 'done'
    },
  }
  const { landedUrl } = await logIn(visit, { hooks, code: async () => '123456' })
  t.equal(landedUrl, `${visit.origin}/home`)

  const refusing = await startPage(t, { form: plain, onPost: (_, response) => response.end(ask) })
  await t.rejects(logIn(refusing, { hooks, code: async () => '654321' }), {
    code: 'login_bad_credentials',
    message: /one-time code again/,
  })
  t.equal(refusing.posts.length, 2)
  const without = await startPage(t, { form: plain, onPost: (_, response) => response.end(ask) })
  await t.rejects(logIn(without, { hooks }), { code: 'login_challenge_timeout' })
})

t.test('without a permit nothing is typed', { buffered: true }, async (t) => {
  const visit = await startPage(t, { form: plain })
  const refused = new ProblemError('login_abandoned', 'not now')
  let typed = 'untouched'
  const hooks: RecipeHooks = {
    async answer(page, _reading, context) {
      try {
        await context.typePassword(page.locator('[name=p]'))
      } finally {
        typed = await page.locator('[name=p]').inputValue()
      }
      return undefined
    },
  }
  await t.rejects(logIn(visit, { hooks, requestPermit: () => Promise.reject(refused) }), refused)
  t.equal(typed, '')
})

t.test('a function that fails is named, by what was sent before', { buffered: true }, async (t) => {
  const broken = () => Promise.reject(new TypeError('no such thing as right-7Qx'))
  const visit = await startPage(t, { form: plain })
  const failing = async (hooks: RecipeHooks) => {
    const problem = await logIn(visit, { hooks }).catch((error: unknown) => error)
    if (!(problem instanceof ProblemError)) throw problem
    t.match(problem.cause, { name: 'TypeError' }, 'what it was goes to the log')
    t.notMatch(problem.message, /right/)
    return problem
  }
  t.match(await failing({ before: broken }), { code: 'login_misconfigured', message: /"before" failed/ })
  t.match(await failing({ answer: broken }), { code: 'login_misconfigured', message: /"answer" failed/ })
  t.equal(visit.posts.length, 0)
  t.match(await failing({ after: broken }), { code: 'login_not_authenticated', message: /"after" failed/ })
  t.equal(visit.posts.length, 1)
})

t.test('a field that cannot be filled in tells nothing of the secret', { buffered: true }, async (t) => {
  const visit = await startPage(t, { form: plain.replace('<button', '<p id="p">x</p><button') })
  const hooks: RecipeHooks = {
    answer: async (page, _, { typePassword }) => void (await typePassword(page.locator('#p'))),
  }
  const problem = await logIn(visit, { hooks }).catch((error: ProblemError) => error)
  t.match(problem, { code: 'login_not_authenticated', cause: { message: /could not be filled in/ } })
  t.notMatch(JSON.stringify(problem, Object.getOwnPropertyNames(problem)), /right-7Qx/)
})

t.test(
  'a function says itself why the login has ended, or what the page wants',
  { buffered: true },
  async (t) => {
    const visit = await startPage(t, { form: plain })
    await t.rejects(
      logIn(visit, { hooks: { answer: (_page, _reading, { fail }) => fail('locked', 'the shop says so') } }),
      {
        code: 'login_locked',
        message: 'the shop says so',
      },
    )
    await t.rejects(
      logIn(visit, { hooks: { after: (_page, { fail }) => fail('site_down', 'it went away') } }),
      { code: 'login_unknown' },
      'a site that went away after the password was sent is not tried again at once',
    )
    await t.rejects(logIn(visit, { hooks: { answer: () => 'captcha' } }), { code: 'login_captcha' })
    await t.rejects(logIn(visit, { hooks: { answer: () => 'approve_elsewhere' } }), {
      code: 'login_challenge_timeout',
    })
  },
)

t.test('one that does nothing at each reading comes to an end', { buffered: true }, async (t) => {
  const visit = await startPage(t, { form: plain })
  await t.rejects(logIn(visit, { hooks: { answer: () => 'done' } }), { message: /after 20 steps/ })
  t.equal(visit.posts.length, 0)
})

t.test('one that never ends is ended with the login', { buffered: true }, async (t) => {
  const visit = await startPage(t, { form: plain })
  const hooks: RecipeHooks = { before: () => new Promise(() => undefined) }
  await t.rejects(logIn(visit, { hooks, signal: AbortSignal.timeout(1_000) }))
})
