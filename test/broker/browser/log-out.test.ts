import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Cookie, recipeSchema, type SessionState } from '@session-broker/shared'
import { startGallery } from '@session-broker/stage/gallery'
import t, { type Test } from 'tap'
import { createLogOutPress } from '../../../apps/broker/src/browser/log-out/log-out.ts'
import { words } from '../../../apps/broker/src/browser/reading/words.ts'
import { defineSession } from '../session/define-session.ts'
import { atOnce, fewAtOnce } from './few-at-once.ts'
import { openSignIn } from './visit-page.ts'

// Logging out with a real Chromium, at pages that offer it in several ways. Pages are given time to draw it, and to go on.
t.setTimeout(600_000)
// Each waits for its pages most of the time.
t.jobs = atOnce
const { house, signInAtDoor } = await openSignIn(t)
const press = createLogOutPress(house)

interface Site {
  origin: string
  isIn(): boolean
}

/** A site with one session: `home` for who is in, by path; `POST /out` ends it, `GET /out` where it may. */
async function startSite(t: Test, home: Record<string, string>, byLink = false): Promise<Site> {
  let isIn = true
  const server = createServer((request: IncomingMessage, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    const isMember = isIn && (request.headers.cookie ?? '').includes('sid=in')
    const url = request.url ?? ''
    if (url.startsWith('/out') && isMember && (byLink || request.method === 'POST')) isIn = false
    if (!isMember) return response.writeHead(401).end('<h1>Please sign in</h1><a href="/login">Sign in</a>')
    return response.end(home[url] ?? '<h1>Nothing here</h1>')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.teardown(() => server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, isIn: () => isIn }
}

const cookie: Cookie = {
  ...{ name: 'sid', value: 'in', domain: '127.0.0.1', path: '/', expires: -1 },
  ...{ httpOnly: true, secure: false },
}
const state: SessionState = { userAgent: 'Mozilla/5.0 (a test)', cookies: [cookie], origins: [] }

function logOut({ origin }: Site, recipe: object = {}, origins: SessionState['origins'] = []) {
  return press({
    definition: defineSession({ loginUrl: `${origin}/login`, recipe: recipeSchema.parse(recipe) }),
    state: { ...state, origins },
    check: { url: `${origin}/me`, in: 'http', expect: { status: 200 } },
    signal: AbortSignal.timeout(40_000),
  })
}

const form = '<form method="post" action="/out"><button>Sign out</button></form>'
const offers: Record<string, { home: Record<string, string>; byLink?: boolean }> = {
  'a link': { home: { '/me': '<a href="/settings">Settings</a><a href="/out">Log out</a>' }, byLink: true },
  'a form, beside one that logs out everywhere': {
    home: { '/me': `<form action="/all"><button>Sign out of all devices</button></form>${form}` },
  },
  'a link in a menu that is closed': {
    home: { '/me': '<nav style="display:none"><a href="/out">Abmelden</a></nav>' },
    byLink: true,
  },
  'a sign without words, whose address tells': {
    home: {
      '/me': '<form method="post" action="/out/logout"><button style="display:none">⏻</button></form>',
    },
  },
  'a page that asks whether one is sure': {
    home: {
      '/me': '<a href="/sure">Log out</a>',
      '/sure': `<p>Really?</p><a href="/sure">Log out</a>${form}`,
    },
  },
  'a question in a dialog': {
    home: { '/me': form.replace('<form', '<form onsubmit="return confirm(\'Really?\')"') },
  },
  'a script that draws it late and tells the site by itself': {
    home: {
      '/me': `<main></main><script>setTimeout(() => { document.querySelector('main').innerHTML =
        '<button onclick="fetch(\\'/out\\', { method: \\'POST\\' })">Sign out</button>' }, 900)</script>`,
    },
  },
  'the home page, where the check asks a program': { home: { '/me': '{"name":"alice"}', '/': form } },
}
for (const [name, { home, byLink }] of Object.entries(offers)) {
  t.test(`what logs out is found: ${name}`, { buffered: true }, async (t) => {
    const site = await startSite(t, home, byLink)
    t.same(await logOut(site), { pressed: true })
    t.equal(site.isIn(), false)
  })
}

t.test('what pages keep in sessionStorage is there', { buffered: true }, async (t) => {
  const script = `if (sessionStorage.token === 't') document.querySelector('main').innerHTML = '${form}'`
  const site = await startSite(t, { '/me': `<main></main><script>${script}</script>` })
  const sessionStorage = [{ name: 'token', value: 't' }]
  const held = [{ origin: site.origin, localStorage: [], sessionStorage }]
  t.same(await logOut(site, {}, held), { pressed: true })
  t.equal(site.isIn(), false)
})

t.test('a recipe says how', { buffered: true }, async (t) => {
  const home = { '/me': '<a href="/out">Log out</a>', '/power': form.replace('Sign out', '⏻') }
  const site = await startSite(t, home)
  const steps = [{ click: 'form button' }]
  t.same(await logOut(site, { logout: { url: `${site.origin}/power`, steps } }), { pressed: true })
  t.equal(site.isIn(), false)
})

t.test('a step of it that cannot be done is named', { buffered: true }, async (t) => {
  const site = await startSite(t, { '/me': form })
  t.match(await logOut(site, { logout: { steps: [{ waitFor: 'form' }, { click: '#power' }] } }), {
    pressed: false,
    detail: /step 2 .*"logout" \(click\)/,
  })
  t.equal(site.isIn(), true)
})

t.test('where nothing logs out, nothing is pressed', { buffered: true }, async (t) => {
  const site = await startSite(t, {
    '/me': '<a href="/out-of-office">Out of office</a><button>Delete account</button>',
  })
  t.match(await logOut(site), { pressed: false, detail: /nothing that logs out was found at http/ })
  t.equal(site.isIn(), true)
})

t.test('a site that is away is told so', { buffered: true }, async (t) => {
  t.match(await logOut({ origin: 'http://127.0.0.1:1', isIn: () => true }), {
    pressed: false,
    detail: 'http://127.0.0.1:1 does not answer',
  })
})

const doors = ['eye-button', 'qr-first', 'tabs', 'turnstile', 'token-local-storage', 'totp-six-boxes']
t.test('doors of the gallery, in several languages, are left again', { buffered: true }, async (t) => {
  const gallery = await startGallery({ only: doors })
  t.teardown(() => gallery.close())
  await fewAtOnce(gallery.doors, async (door) => {
    const held = await signInAtDoor(door)
    t.ok(door.isSignedIn(held), `${door.name} is entered`)
    const pressed = await press({
      definition: defineSession({ loginUrl: door.loginUrl }),
      state: held,
      check: { url: door.url + door.signedIn.path, in: 'http', expect: { status: 200 } },
      signal: AbortSignal.timeout(40_000),
    })
    t.same(pressed, { pressed: true }, door.name)
    t.match(door.stats(), { logouts: 1 })
    t.notOk(door.isSignedIn(held), `${door.name} has forgotten the session`)
  })
})

t.test('words that log out are no words that sign in', { buffered: true }, async (t) => {
  for (const text of [
    'Log out',
    'Sign off',
    'Abmelden',
    'Déconnexion',
    'Выйти',
    'Çıkış Yap',
    '退出登录',
    'Uitloggen',
  ])
    t.match(text, words.signOut)
  for (const text of ['Log in', 'Sign up', 'Anmelden', 'Connexion', 'Войти', 'Giriş', '登录', 'Out of stock'])
    t.notMatch(text, words.signOut)
})
