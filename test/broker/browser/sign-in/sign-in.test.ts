import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { createBrowserLook } from '../../../../apps/broker/src/browser/look-in-browser.ts'
import { atOnce } from '../few-at-once.ts'
import { openSignIn, type Page, password, plain, startPage } from '../visit-page.ts'

// The driver against pages of many shapes, in a real Chromium. Some wait as long as a step may take.
t.setTimeout(300_000)
t.jobs = atOnce
const { house, logIn } = await openSignIn(t)

const shapes: Record<string, Page> = {
  'a plain form': { form: plain },
  'a form whose button is hidden is sent by Enter': {
    form: `<form method="post"><input name="u">${password}<button hidden></button></form>`,
  },
  'a search box above the form is not the username': {
    form: `<form action="/search"><input name="q"><button>Search</button></form>${plain}`,
  },
  'autocomplete tells the username from what stands nearer': {
    form:
      '<form method="post"><input name="u" autocomplete="section-a username"><input name="company" value="ACME">' +
      `${password}<button>Sign in</button></form>`,
  },
  'hidden fields and a hidden form are left alone': {
    form:
      '<form style="display:none" method="post" action="/trap"><input name="u"><input type="password" name="p"></form>' +
      `<form method="post"><input name="u"><input name="trap" style="display:none">${password}<button>Go</button></form>`,
  },
  'a field whose type no browser knows takes text': {
    form: `<form method="post"><input name="u" type="username">${password}<button>Sign in</button></form>`,
  },
  'a form in a frame': {
    form: '<iframe src="/frame"></iframe>',
    pages: { '/frame': plain.replace('<form', '<form target="_top" action="/login"') },
  },
  'a form that a script draws late': {
    form: `<script>setTimeout(() => { document.body.innerHTML = ${JSON.stringify(plain)} }, 400)</script>`,
  },
}

for (const [name, page] of Object.entries(shapes)) {
  t.test(name, { buffered: true }, async (t) => {
    const visit = await startPage(t, page)
    const { state, landedUrl } = await logIn(visit)
    t.equal(landedUrl, `${visit.origin}/home`)
    t.match(state.cookies, [{ name: 'sid', value: 'in', httpOnly: true }])
    t.notMatch(state.userAgent, /Headless/)
    t.equal(visit.posts.length, 1)
    t.match(new URLSearchParams(visit.posts[0]).get('u'), 'alice')
    t.notOk(new URLSearchParams(visit.posts[0]).get('trap'))
  })
}

t.test('without a <form>, the button after the field is pressed', { buffered: true }, async (t) => {
  const script =
    'fetch("/login",{method:"POST",body:"p="+p.value}).then(()=>{localStorage.token="t";document.body.textContent="Hi"})'
  const visit = await startPage(t, {
    form: `<input id="u">${password.replace('>', ' id="p">')}<div role="button" onclick='${script}'>Sign in</div>`,
  })
  const { state } = await logIn(visit)
  t.match(state.origins, [{ origin: visit.origin, localStorage: [{ name: 'token', value: 't' }] }])
})

t.test('a recipe names what cannot be found, and what else to do', { buffered: true }, async (t) => {
  const visit = await startPage(t, {
    form:
      `<div id="banner" style="position:fixed;inset:0;background:#fff"><button onclick="banner.remove()">Accept</button></div>` +
      `<form method="post"><input name="decoy"><input name="u" id="who"><input name="p" type="text" id="secret"><a id="go" onclick="this.closest('form').submit()">Go</a></form>`,
    onPost: (_, response) => response.end('<button onclick="location = \'/home\'">Not now</button>'),
  })
  const recipe = {
    fields: { username: '#who', password: '#secret', submit: '#go' },
    before: [{ click: '#banner button' }, { click: '#not-there', optional: true }],
    after: [{ click: 'text=Not now' }, { waitFor: 'h1' }],
  }
  const { landedUrl } = await logIn(visit, { recipe })
  t.equal(landedUrl, `${visit.origin}/home`)
  t.match(new URLSearchParams(visit.posts[0]).get('u'), 'alice')
})

t.test(
  'what a recipe leaves out of the form is read, but from no other form',
  { buffered: true },
  async (t) => {
    const strange =
      '<form method="post"><input name="u"><input name="x"><input type="password" name="p">' +
      '<label><input type="checkbox" name="keep" value="yes"> Remember me</label>' +
      '<b id="go" onclick="this.closest(\'form\').submit()">➜</b><button formaction="/nowhere">Sign in</button></form>'
    for (const fields of [
      { submit: '#go' },
      { submit: '#go', username: '[name=u]' },
      { submit: '#go', password: '[name=p]' },
    ]) {
      const visit = await startPage(t, { form: strange })
      await logIn(visit, { recipe: { fields: { username: '[name=u]', ...fields } } })
      t.same(visit.posts, ['u=alice&x=&p=right-7Qx&keep=yes'], JSON.stringify(fields))
    }
    const beside =
      '<form method="post" action="/newsletter"><input type="email" name="e"><input type="password" name="q"><button>Sign in</button></form>' +
      '<form method="post"><input name="u"><input name="p" class="own"><button hidden></button></form>'
    const visit = await startPage(t, { form: beside })
    await logIn(visit, { recipe: { fields: { username: '[name=u]', password: '.own' } } })
    t.same(visit.posts, ['u=alice&p=right-7Qx'])
  },
)

t.test(
  'a recipe names the boxes of a one-time code, and what remembers this browser',
  { buffered: true },
  async (t) => {
    const codeForm =
      '<form method="post"><input name="a" class="box"><input name="b" class="box"><input name="z" value="">' +
      '<input type="checkbox" name="keep" value="yes"><button>Go</button></form>'
    const visit = await startPage(t, {
      form: plain,
      onPost: (body, response) => {
        if (body.includes('a=4') && body.includes('b=2')) response.writeHead(303, { location: '/home' }).end()
        else response.end(codeForm)
      },
    })
    const recipe = { fields: { code: '.box', remember: '[name=keep]', submit: 'form:has(.box) button' } }
    const { landedUrl } = await logIn(visit, { recipe, code: async () => '42' })
    t.equal(landedUrl, `${visit.origin}/home`)
    t.equal(visit.posts[1], 'a=4&b=2&z=&keep=yes')
  },
)

t.test('a step that cannot be done is named', { buffered: true }, async (t) => {
  const visit = await startPage(t, { form: plain })
  const recipe = { before: [{ waitFor: 'form' }, { select: '#country', option: 'DE' }] }
  await t.rejects(logIn(visit, { recipe }), {
    code: 'login_misconfigured',
    message: /step 2 .*"before" \(select\)/,
  })
  t.same(visit.posts, [])
})

t.test(
  'one after the form was sent is another failure: the next try would send it again',
  { buffered: true },
  async (t) => {
    const visit = await startPage(t, { form: plain })
    await t.rejects(logIn(visit, { recipe: { after: [{ click: '#not-now' }] } }), {
      code: 'login_not_authenticated',
      message: /step 1 .*"after" \(click\)/,
    })
    t.equal(visit.posts.length, 1)
  },
)

t.test(
  'a site that never answers the form ends with the deadline, and counts as sent',
  { buffered: true },
  async (t) => {
    const over = new AbortController()
    const visit = await startPage(t, { form: plain, onPost: () => over.abort() })
    await t.rejects(logIn(visit, { signal: over.signal }), { code: 'login_timeout_after_submit' })

    const later = new AbortController()
    const waiting = await startPage(t, {
      form: plain,
      pages: {
        get '/home'() {
          setTimeout(() => later.abort(), 1_000)
          return '<h1>Hello</h1>'
        },
      },
    })
    const attempt = { recipe: { after: [{ waitFor: '#later' }] }, signal: later.signal }
    await t.rejects(
      logIn(waiting, attempt),
      { code: 'login_timeout_after_submit' },
      'also in a step after it',
    )
  },
)

t.test('a site that is away costs nothing', { buffered: true }, async (t) => {
  await t.rejects(logIn({ origin: 'http://127.0.0.1:1' }), { code: 'login_site_down' })
})

t.test('without a permit nothing secret is typed or sent', { buffered: true }, async (t) => {
  const visit = await startPage(t, {
    form: plain.replace('<form', `<form oninput="fetch('/typed',{method:'POST',body:this.p.value})"`),
  })
  const refusal = new Error('no permit')
  await t.rejects(logIn(visit, { requestPermit: () => Promise.reject(refusal) }), refusal)
  t.notOk(visit.posts.some((body) => body.includes('7Qx')))
})

t.test(
  'a look in the browser restores the whole state and waits for what is hoped for',
  { buffered: true },
  async (t) => {
    const script = `setTimeout(() => { document.body.innerHTML = localStorage.token ? '<p id="in">In</p>' : '${password}' }, 300)`
    const { origin } = await startPage(t, {
      form: plain,
      pages: { '/app': `<body><script>${script}</script></body>` },
    })
    const look = createBrowserLook(house)
    const state = {
      userAgent: 'Mozilla/5.0 test',
      cookies: [],
      origins: [{ origin, localStorage: [{ name: 'token', value: 't' }] }],
    }
    const request = {
      url: `${origin}/app`,
      sites: [origin],
      in: 'browser',
      userAgent: state.userAgent,
      signal: AbortSignal.timeout(20_000),
    } as const
    const member = await look({ ...request, expect: { selector: '#in' }, state })
    t.match(member.sighting, { hasSelector: true, hasPasswordField: false })
    t.match(member.state?.origins, state.origins)
    const stranger = await look({ ...request, expect: { selector: '#in' } })
    t.match(stranger.sighting, { hasSelector: false, hasPasswordField: true })
  },
)

t.test(
  'while a state is proved the page stands still: it could make the site change the session',
  { buffered: true },
  async (t) => {
    let asked = 0
    const home = `<h1>Hello</h1><script>setInterval(() => fetch('/ping').catch(() => 0), 20)</script>`
    const visit = await startPage(t, {
      form: plain,
      pages: {
        '/home': home,
        get '/ping'() {
          asked += 1
          return 'pong'
        },
      },
    })
    let before = 0
    await logIn(visit, {
      async prove() {
        // What was under way arrives.
        await delay(100)
        before = asked
        await delay(300)
      },
    })
    t.ok(before > 0, 'it was asking')
    t.equal(asked, before)
  },
)
