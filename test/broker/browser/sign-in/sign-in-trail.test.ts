import t from 'tap'
import type { TrailStep } from '../../../../apps/broker/src/session/ports/login-traces.ts'
import { openSignIn, password, plain, startPage } from '../visit-page.ts'

// What a sign-in in a real Chromium writes down of itself.
let steps: TrailStep[] = []
const { logIn, failureOf } = await openSignIn(t, { onStep: (_, step) => steps.push(step) })
t.beforeEach(() => {
  steps = []
})
const told = () => steps.map(({ what, text }) => `${what} ${text}`)

t.test('a sign-in tells each reading and each act', async (t) => {
  const banner = `<div role="dialog" id="b">We use cookies <button onclick="b.remove()">Reject all</button></div>`
  const form = `<form method="post"><label>E-mail <input name="u"></label><label>Secret word ${password}</label>
    <label><input type="checkbox" name="r">Remember me</label><button>Log in</button></form>`
  const visit = await startPage(t, { form: `${banner}<h1>Shop</h1>${form}` })
  await logIn({ origin: visit.origin }, {})
  t.same(told(), [
    'read opened, status 200',
    'read cookie banner: button "Reject all"',
    'did pressed button "Reject all"',
    'read form: identifier "E-mail", password "Secret word", button "Log in"',
    'did typed the username',
    'did ticked "Remember me"',
    'did typed the password',
    'did pressed button "Log in"',
    'said Hello',
    'read nothing that belongs to a sign-in',
    'read landed',
  ])
  t.ok(steps.every(({ url }) => url.startsWith(visit.origin)))
  t.equal(steps.at(-1)?.url, `${visit.origin}/home`)
  const times = steps.map(({ atMs }) => atMs)
  t.same(
    times,
    times.toSorted((a, b) => a - b),
  )
})

t.test('what the site says of a wrong password is told without what was typed', async (t) => {
  const visit = await startPage(t, {
    form: plain,
    onPost: (body, response) =>
      response.end(`<p>Not right: alice / ${new URLSearchParams(body).get('p')}</p>${plain}`),
  })
  t.equal((await failureOf(visit, { password: 'wrong-7Qx' }))?.code, 'login_bad_credentials')
  t.equal(told().at(-1), 'said Not right: ••• / ••• Sign in')
})

t.test('a recipe’s steps are told, and those that could not be done', async (t) => {
  const visit = await startPage(t, { form: `<input id="tenant">${plain}` })
  const before = [
    { fill: '#tenant', with: 'tenant-7Qx' },
    { click: '#banner', optional: true },
  ]
  await logIn(visit, { recipe: { before } })
  t.same(told().slice(1, 3), [
    `did step 1 of the recipe's "before" (fill)`,
    `did could not do step 2 of the recipe's "before" (click)`,
  ])
  t.notMatch(JSON.stringify(steps), '7Qx')
})

t.test('a field that goes away while it is filled in is told', async (t) => {
  const again = `<form method="post"><input name="u">${password}<button>Sign in</button></form><script>
    const form = document.forms[0]
    form.u.oninput = () => { form.u.oninput = null; form.p.outerHTML = form.p.outerHTML }</script>`
  const visit = await startPage(t, { form: again })
  await logIn(visit)
  t.match(told(), [
    'read opened, status 200',
    /^read form/,
    'did typed the username',
    'did found it gone, and reads again',
    /^read form/,
  ])
})

t.test('where reading cuts a text, no half of a secret is told', async (t) => {
  const long = (characters: number) => 'so '.repeat(100).slice(0, characters)
  const form = `<form method="post"><label>${long(195)} right-7Qx <input name="u"></label>${password}
    <button>${long(115)} right-7Qx</button></form>`
  const visit = await startPage(t, { form })
  await logIn(visit)
  t.match(
    told().find((each) => each.startsWith('did pressed')),
    /^did pressed button "so .* •••…"$/,
  )
  t.notMatch(JSON.stringify(steps), 'righ')
})
