import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { findChrome, pickBrowserEnv } from '@session-broker/chrome'
import { ProblemError, type Recipe, recipeSchema } from '@session-broker/shared'
import t, { type Test } from 'tap'
import { openBrowserFolder } from '../../../apps/broker/src/browser/browser-folder.ts'
import { createBrowserHouse } from '../../../apps/broker/src/browser/browser-house.ts'
import { createBrowserLook } from '../../../apps/broker/src/browser/look-in-browser.ts'
import { createSiteLogin } from '../../../apps/broker/src/browser/sign-in.ts'
import { defineSession } from '../session/define-session.ts'

// The driver against pages of many shapes, in a real Chromium.
const house = createBrowserHouse({
  executablePath: (await findChrome()).path,
  headless: true,
  // What these pages take from others stays away, wherever this runs.
  args: ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  sandbox: process.getuid?.() !== 0,
  env: pickBrowserEnv(process.env),
  folder: await openBrowserFolder({ folder: join(t.testdir(), 'browser'), log: { warn: () => undefined } }),
  idleMs: 60_000,
})
t.teardown(() => house.close())
const siteLogin = createSiteLogin(house)

interface Page {
  /** What `/login` shows. */
  form: string
  /** What else there is, by path. */
  pages?: Record<string, string>
  /** Answers the posted form; left out: `right` gets in, anything else gets the form again. */
  onPost?: (body: string, response: ServerResponse) => void
}

interface Visit {
  origin: string
  posts: string[]
}

async function startPage(t: Test, { form, pages = {}, onPost }: Page): Promise<Visit> {
  const posts: string[] = []
  const server = createServer(async (request: IncomingMessage, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    if (request.method === 'POST') {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const body = Buffer.concat(chunks).toString()
      posts.push(body)
      if (onPost) return onPost(body, response)
      if (!body.includes('=right')) return response.end(form)
      return response.writeHead(303, { location: '/home', 'set-cookie': 'sid=in; HttpOnly; Path=/' }).end()
    }
    if (request.url === '/login') return response.end(form)
    return response.end(pages[request.url ?? ''] ?? '<h1>Hello</h1>')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.teardown(() => server.close().closeAllConnections())
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, posts }
}

interface Attempt {
  password?: string
  recipe?: unknown
  requestPermit?: () => Promise<void>
  confirmPermit?: () => void
  signal?: AbortSignal
}

function logIn({ origin }: { origin: string }, attempt: Attempt = {}) {
  const recipe: Recipe = recipeSchema.parse(attempt.recipe ?? {})
  return siteLogin({
    definition: defineSession({ loginUrl: `${origin}/login`, recipe, loginTimeoutMs: 30_000 }),
    credentials: { username: 'alice', password: attempt.password ?? 'right-7Qx', tag: 'tag' },
    requestPermit: attempt.requestPermit ?? (() => Promise.resolve()),
    confirmPermit: attempt.confirmPermit ?? (() => undefined),
    signal: attempt.signal ?? AbortSignal.timeout(30_000),
  })
}

async function failureOf(visit: Visit, attempt: Attempt = {}): Promise<ProblemError | undefined> {
  try {
    await logIn(visit, attempt)
  } catch (error) {
    if (error instanceof ProblemError) return error
    throw error
  }
  return undefined
}

const password = '<input type="password" name="p">'
const plain = `<form method="post"><input name="u">${password}<button>Sign in</button></form>`

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
  'a form in a frame': {
    form: '<iframe src="/frame"></iframe>',
    pages: { '/frame': plain.replace('<form', '<form target="_top" action="/login"') },
  },
  'a form that a script draws late': {
    form: `<script>setTimeout(() => { document.body.innerHTML = ${JSON.stringify(plain)} }, 400)</script>`,
  },
}

for (const [name, page] of Object.entries(shapes)) {
  t.test(name, async (t) => {
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

t.test('without a <form>, the button after the field is pressed', async (t) => {
  const script =
    'fetch("/login",{method:"POST",body:"p="+p.value}).then(()=>{localStorage.token="t";document.body.textContent="Hi"})'
  const visit = await startPage(t, {
    form: `<input id="u">${password.replace('>', ' id="p">')}<div role="button" onclick='${script}'>Sign in</div>`,
  })
  const { state } = await logIn(visit)
  t.match(state.origins, [{ origin: visit.origin, localStorage: [{ name: 'token', value: 't' }] }])
})

t.test('a recipe names what cannot be found, and what else to do', async (t) => {
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

t.test('a step that cannot be done is named', async (t) => {
  const visit = await startPage(t, { form: plain })
  const recipe = { before: [{ waitFor: 'form' }, { select: '#country', option: 'DE' }] }
  await t.rejects(logIn(visit, { recipe }), {
    code: 'login_misconfigured',
    message: /step 2 .*"before" \(select\)/,
  })
  t.same(visit.posts, [])
})

t.test('one after the form was sent is another failure: the next try would send it again', async (t) => {
  const visit = await startPage(t, { form: plain })
  await t.rejects(logIn(visit, { recipe: { after: [{ click: '#not-now' }] } }), {
    code: 'login_not_authenticated',
    message: /step 1 .*"after" \(click\)/,
  })
  t.equal(visit.posts.length, 1)
})

t.test('what the site answers becomes a class of failure', async (t) => {
  const spa = (answer: string) =>
    `<form onsubmit="event.preventDefault();setTimeout(()=>{msg.textContent='${answer}'},50)"><input name="u">${password}<button>Go</button><p id="msg"></p></form>`
  const saying = (text: string): Page => ({ form: plain, onPost: (_, response) => response.end(text) })
  const cases: [string, Page, Attempt, string][] = [
    ['the form again', { form: plain }, { password: 'wrong-7Qx' }, 'login_bad_credentials'],
    ['a message beside the form', { form: spa('Invalid username or password') }, {}, 'login_bad_credentials'],
    [
      'a lock said beside the form',
      { form: spa('Wrong password. Your account has been locked.') },
      {},
      'login_locked',
    ],
    [
      'a lock said with the form again',
      saying(`<p>Your account is disabled</p>${plain}`),
      {},
      'login_locked',
    ],
    ['a lock said in place of the form', saying('<h1>Ihr Konto wurde gesperrt</h1>'), {}, 'login_locked'],
    [
      'a lock explained beside a rejection',
      saying(`<p>Wrong password. Accounts are locked after 5 tries.</p>${plain}`),
      {},
      'login_bad_credentials',
    ],
    [
      'an error of its own',
      { form: plain, onPost: (_, response) => response.writeHead(500).end('Oops') },
      {},
      'login_unknown',
    ],
    ['no form at all', { form: '<h1>Maintenance</h1>' }, {}, 'login_misconfigured'],
  ]
  await Promise.all(
    cases.map(async ([name, page, attempt, code]) => {
      const error = await failureOf(await startPage(t, page), attempt)
      t.equal(error?.code, code, name)
      t.notMatch(`${error?.message} ${error?.cause}`, /7Qx/, 'without what was typed')
    }),
  )
})

t.test('words of a lock that were there before, or stand in a full page, are no lock', async (t) => {
  const help = '<p>Account locked</p>'
  const before = await startPage(t, { form: help + plain })
  t.equal((await failureOf(before, { password: 'wrong-7Qx' }))?.code, 'login_bad_credentials')
  const desk = `<h1>Users</h1><p>Account locked</p>${'<p>alice was here, and wrote a line.</p>'.repeat(60)}`
  await t.resolves(logIn(await startPage(t, { form: plain, pages: { '/home': desk } })))
})

const frame = (src: string, style = 'width:300px;height:80px') =>
  `<iframe src="${src}" style="${style}"></iframe>`
const checkbox = frame('https://www.google.com/recaptcha/api2/anchor?k=x&size=normal')
const pixel = 'data:image/gif;base64,R0lGODlhAQABAAAAACw='
const picture = `<img src="${pixel}" id="captcha-image" width="160" height="50">`

t.test('a captcha is told, and nothing is sent behind one', async (t) => {
  const captchas: Record<string, string> = {
    'reCAPTCHA’s box': checkbox,
    'reCAPTCHA’s pictures': frame('https://www.recaptcha.net/recaptcha/enterprise/bframe?k=x'),
    hCaptcha: frame('https://newassets.hcaptcha.com/captcha/v1/1/static/hcaptcha.html#frame=checkbox&id=0'),
    'Turnstile, in a closed shadow root': `<div id="host"></div><script>
      host.attachShadow({mode:'closed'}).innerHTML = '${frame('https://challenges.cloudflare.com/cdn-cgi/x')}'</script>`,
    Arkose: frame('https://client-api.arkoselabs.com/fc/gc/?token=x'),
    'a picture of its own': picture,
    'a field of its own': '<input name="login_captcha">',
    'another’s frame': frame('https://geo.captcha-delivery.com/captcha/?cid=x'),
  }
  const before = Object.entries(captchas).map(async ([name, captcha]) => {
    let permits = 0
    const visit = await startPage(t, { form: plain + captcha })
    const attempt = { requestPermit: async () => void permits++ }
    t.equal((await failureOf(visit, attempt))?.code, 'login_captcha', name)
    t.equal(permits, 0, 'before it may count')
    t.same(visit.posts, [])
  })
  const alone = startPage(t, { form: checkbox }).then(async (visit) => {
    t.equal((await failureOf(visit))?.code, 'login_captcha', 'in place of the form')
  })
  await Promise.all([...before, alone])
})

t.test('a captcha that comes after the form was sent', async (t) => {
  const answers: [string, string, string][] = [
    ['with the form again', picture + plain, 'login_captcha'],
    ['in place of the form', checkbox, 'login_captcha'],
    ['beside words that say no', `<p>Wrong password</p>${picture}${plain}`, 'login_bad_credentials'],
  ]
  await Promise.all(
    answers.map(async ([name, answer, code]) => {
      const visit = await startPage(t, { form: plain, onPost: (_, response) => response.end(answer) })
      t.equal((await failureOf(visit))?.code, code, name)
    }),
  )
})

t.test('what only looks like a captcha does not stop a login', async (t) => {
  const others: Record<string, string> = {
    'the badge of an invisible reCAPTCHA': frame(
      'https://www.google.com/recaptcha/api2/anchor?k=x&size=invisible',
    ),
    'an invisible hCaptcha': frame(
      'https://newassets.hcaptcha.com/captcha/v1/1/hcaptcha.html#frame=checkbox-invisible',
    ),
    'pictures that nobody has been asked for': frame(
      'https://www.google.com/recaptcha/api2/bframe?k=x',
      'visibility:hidden;width:400px;height:500px',
    ),
    'a trap for robots': '<input name="captcha" style="position:absolute;left:-9999px">',
    'a logo': `<img src="${pixel}" class="recaptcha-logo" width="64" height="64">`,
    'a Turnstile that has passed by itself': `<div>${frame('https://challenges.cloudflare.com/x')}
      <input type="hidden" name="cf-turnstile-response" value="passed"></div>`,
    'one that goes away': `<div id="gate">${checkbox}</div><script>setTimeout(() => gate.remove(), 500)</script>`,
  }
  await Promise.all(
    Object.entries(others).map(async ([name, other]) => {
      const visit = await startPage(t, { form: other + plain })
      await t.resolves(logIn(visit), name)
    }),
  )
})

t.test('a site that never answers the form ends with the deadline, and counts as sent', async (t) => {
  const visit = await startPage(t, { form: plain, onPost: () => undefined })
  const signal = AbortSignal.timeout(3_000)
  await t.rejects(logIn(visit, { signal }), { code: 'login_timeout_after_submit' })

  const waiting = await startPage(t, { form: plain })
  const attempt = { recipe: { after: [{ waitFor: '#later' }] }, signal: AbortSignal.timeout(4_000) }
  await t.rejects(logIn(waiting, attempt), { code: 'login_timeout_after_submit' }, 'also in a step after it')
})

t.test('a site that is away costs nothing', async (t) => {
  await t.rejects(logIn({ origin: 'http://127.0.0.1:1' }), { code: 'login_site_down' })
})

t.test('without a permit nothing secret is typed or sent', async (t) => {
  const visit = await startPage(t, {
    form: plain.replace('<form', `<form oninput="fetch('/typed',{method:'POST',body:this.p.value})"`),
  })
  const refusal = new Error('no permit')
  await t.rejects(logIn(visit, { requestPermit: () => Promise.reject(refusal) }), refusal)
  t.notOk(visit.posts.some((body) => body.includes('7Qx')))
})

t.test('a look in the browser restores the whole state and waits for what is hoped for', async (t) => {
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
    in: 'browser',
    userAgent: state.userAgent,
    signal: AbortSignal.timeout(20_000),
  } as const
  const member = await look({ ...request, expect: { selector: '#in' }, state })
  t.match(member.sighting, { hasSelector: true, hasPasswordField: false })
  t.match(member.state?.origins, state.origins)
  const stranger = await look({ ...request, expect: { selector: '#in' } })
  t.match(stranger.sighting, { hasSelector: false, hasPasswordField: true })
})
