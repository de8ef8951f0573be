import { setTimeout as sleep } from 'node:timers/promises'
import { findChrome, unseenFeatures } from '@session-broker/chrome'
import {
  type Door,
  type Mood,
  sendPasswordByHand,
  signInByHand,
  startGallery,
} from '@session-broker/stage/gallery'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright'
import t from 'tap'
import { playwrightDisables } from '../../apps/broker/src/browser/house/playwright-disables.ts'

// Each login page of the gallery is what the tests of the login engine take it for: a person who knows it gets in with the
// right password, and nobody with a wrong one. More than a minute: some pages are slow by design.
t.setTimeout(600_000)
const withinMs = 20_000
/** While one page waits for its timers, another works. */
const atOnce = 3
const wrongPassword = 'not-the-password'

const gallery = await startGallery()
t.teardown(() => gallery.close())
const browser = await chromium.launch({
  executablePath: (await findChrome()).path,
  args: [
    '--disable-gpu',
    `--disable-features=${[...playwrightDisables, ...unseenFeatures]}`,
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ],
})
t.teardown(() => browser.close())

interface Visit {
  page: Page
  context: BrowserContext
  /** What dialogs said; a person has read it. */
  said: string[]
}

async function visit<T>(
  use: (visit: Visit) => Promise<T>,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<T> {
  const context = await browser.newContext(options)
  const said: string[] = []
  context.setDefaultTimeout(withinMs)
  context.on('dialog', (dialog) => {
    said.push(dialog.message())
    dialog.dismiss().catch(() => undefined)
  })
  try {
    return await use({ page: await context.newPage(), context, said })
  } finally {
    await context.close()
  }
}

/** Waits for a text in any window and any frame, or in a dialog. */
async function isSaid({ context, said }: Visit, text: string): Promise<boolean> {
  const end = performance.now() + withinMs
  while (performance.now() < end) {
    if (said.some((message) => message.includes(text))) return true
    for (const frame of context.pages().flatMap((page) => page.frames())) {
      const shown = frame.getByText(text).filter({ visible: true })
      if ((await shown.count().catch(() => 0)) > 0) return true
    }
    await sleep(150)
  }
  return false
}

/** Where the page has to run to show who is in, a browser looks; otherwise the cookies are enough. */
async function isLetInBy(state: Awaited<ReturnType<BrowserContext['storageState']>>, door: Door) {
  const url = door.url + door.signedIn.path
  if (door.signedIn.in !== 'browser') {
    const cookie = state.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
    return (await (await fetch(url, { headers: { cookie } })).text()).includes(door.signedIn.text)
  }
  return visit(
    async (member) => {
      await member.page.goto(url)
      return isSaid(member, door.signedIn.text)
    },
    { storageState: state },
  )
}

const noMistakes = {
  honeypots: 0,
  signUps: 0,
  newsletters: 0,
  searches: 0,
  resets: 0,
  otherAccounts: 0,
  passwordChanges: 0,
  logouts: 0,
}

t.jobs = atOnce
for (const door of gallery.doors) {
  t.test(`${door.name}: ${door.shape}`, { buffered: true }, async (t) => {
    await visit(async (stranger) => {
      const sent = sendPasswordByHand(stranger.page, door, wrongPassword)
      if (door.asksInDialog) await t.rejects(sent, /ERR_INVALID_AUTH_CREDENTIALS/)
      else {
        await sent
        const answer = door.endsIn === 'captcha' ? (door.says.captcha ?? '') : door.says.wrong
        t.ok(await isSaid(stranger, answer), 'a wrong password is refused, and the page says so')
      }
      t.match(door.stats(), { accepted: 0, signedIn: 0, ...noMistakes })
      t.ok(door.stats().passwords > 0)
      t.ok(door.stats().formsShown > 0)
      t.notOk(door.isSignedIn(await stranger.context.storageState({ indexedDB: true })))
    })
    door.forget()
    const isIn = door.endsIn === 'signed_in'
    const state = await visit(async (owner) => {
      await signInByHand(owner.page, door)
      if (!isIn) return undefined
      t.ok(await isSaid(owner, door.signedIn.text), 'the right one shows the page behind the door')
      return owner.context.storageState({ indexedDB: true })
    })
    t.match(door.stats(), { signedIn: isIn ? 1 : 0, codesRefused: 0, ...noMistakes })
    if (state === undefined) return
    if (door.keptIn === 'sessionStorage') return void t.notOk(door.isSignedIn(state), 'no state holds it')
    t.ok(door.isSignedIn(state), 'the state holds a session that is alive')
    t.ok(await isLetInBy(state, door), 'and lets another browser in')
    door.forget()
    t.notOk(door.isSignedIn(state), 'which can be ended')
  })
}

const moods: Partial<Record<Mood, string[]>> = {
  locked: ['plain-form', 'no-form', 'iframe-other-origin', 'alerts'],
  too_many: ['eye-button', 'rate-limited'],
  broken: ['plain-form', 'token-local-storage'],
  captcha: ['two-documents', 'image-captcha', 'recaptcha-badge', 'hcaptcha-after-name', 'turnstile'],
  codes_refused: gallery.doors.filter(({ moods }) => moods.includes('codes_refused')).map(({ name }) => name),
}
/** Doors whose captcha keeps a person from ever sending the password. */
const isStoppedThere = new Set(['two-documents', 'hcaptcha-after-name', 'turnstile'])
for (const [mood, names] of Object.entries(moods) as [Mood, string[]][]) {
  for (const name of names) {
    t.test(`in the mood ${mood}, ${name} says so and lets nobody in`, { buffered: true }, async (t) => {
      // A gallery of its own: the doors above are in use.
      const other = await startGallery({ only: [name] })
      t.teardown(() => other.close())
      const door = other.door(name)
      door.setMood(mood)
      await visit(async (owner) => {
        const goesIn = signInByHand(owner.page, door)
        if (mood === 'captcha' && isStoppedThere.has(name)) goesIn.catch(() => undefined)
        else await goesIn
        const says = mood === 'codes_refused' ? door.says.codeRefused : door.says[mood as 'locked']
        t.ok(await isSaid(owner, says ?? 'no words for it'))
        t.match(door.stats(), { signedIn: 0, captchasShown: mood === 'captcha' ? 1 : 0 })
      })
    })
  }
}

const traps: Record<string, string> = {
  'honeypot-off-screen': '[name=website]',
  'honeypot-transparent': 'input.x[type=password]',
  'hidden-password': '#i0118-off',
}
for (const [name, trap] of Object.entries(traps)) {
  t.test(`${name} refuses whoever fills in what nobody sees`, { buffered: true }, async (t) => {
    const other = await startGallery({ only: [name] })
    t.teardown(() => other.close())
    const door = other.door(name)
    await visit(async ({ page }) => {
      page.on('domcontentloaded', () => {
        page
          .locator(trap)
          .fill('robot', { force: true })
          .catch(() => undefined)
      })
      // Some show nothing to go on with.
      signInByHand(page, door).catch(() => undefined)
      const end = performance.now() + withinMs
      while (door.stats().refused + door.stats().signedIn === 0 && performance.now() < end) await sleep(20)
    })
    t.match(door.stats(), { honeypots: 1, signedIn: 0 })
  })
}

t.test('what stands beside a sign-in is counted when it is used', { buffered: true }, async (t) => {
  const other = await startGallery({ only: ['forms-everywhere', 'sign-up-first', 'plain-form'] })
  t.teardown(() => other.close())
  const post = (url: string) =>
    fetch(url, { method: 'POST', body: new URLSearchParams({ email: 'a@b.example' }) })
  const shop = other.door('forms-everywhere')
  await post(`${shop.url}/newsletter`)
  await post(`${shop.url}/mot-de-passe`)
  await fetch(`${shop.url}/recherche?q=pain`)
  t.match(shop.stats(), { newsletters: 1, resets: 1, searches: 1, passwords: 0 })
  const account = other.door('sign-up-first')
  await fetch(`${account.url}/my-account/lost-password`)
  t.match(account.stats(), { resets: 0 }, 'looking at it is no mistake')
  await post(`${account.url}/my-account/register`)
  await post(`${account.url}/my-account/logout`)
  t.match(account.stats(), { signUps: 1, logouts: 1 })
})

t.test(
  'a form from another browser is refused, and so is one that was sent before',
  { buffered: true },
  async (t) => {
    const other = await startGallery({ only: ['csrf'] })
    t.teardown(() => other.close())
    const door = other.door('csrf')
    const form = await fetch(door.loginUrl)
    const token = /name="_csrf" value="([^"]+)"/.exec(await form.text())?.[1] ?? ''
    const cookie = form.headers.get('set-cookie')?.split(';')[0] ?? ''
    const body = () =>
      new URLSearchParams({
        _csrf: token,
        'LoginForm[username]': door.username,
        'LoginForm[password]': door.password,
      })
    const post = (headers: Record<string, string>) =>
      fetch(door.loginUrl, { method: 'POST', body: body(), headers, redirect: 'manual' })
    t.equal((await post({})).status, 400)
    t.match(door.stats(), { passwords: 0, refused: 1 })
    t.equal((await post({ cookie })).status, 302)
    t.equal((await post({ cookie })).status, 400, 'the token was used')
  },
)

t.test('a mailed code is good once, and a newer one takes its place', { buffered: true }, async (t) => {
  const other = await startGallery({ only: ['mailed-code'] })
  t.teardown(() => other.close())
  const door = other.door('mailed-code')
  const post = (path: string, body: Record<string, string>, cookie = '') =>
    fetch(door.url + path, {
      method: 'POST',
      body: new URLSearchParams(body),
      headers: { cookie },
      redirect: 'manual',
    })
  const answer = await post('/inlog', { a: door.username, b: door.password })
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
  const first = await door.nextCode()
  await post('/inlog/opnieuw', {}, cookie)
  const second = await door.nextCode()
  if (first !== second) t.equal((await post('/inlog/code', { c: first }, cookie)).status, 200)
  t.equal((await post('/inlog/code', { c: second })).status, 200, 'not in another browser')
  t.equal((await post('/inlog/code', { c: second }, cookie)).status, 303)
  t.equal((await post('/inlog/code', { c: second }, cookie)).status, 200)
  t.match(door.stats(), { codesSent: 2, signedIn: 1 })
})

t.test('after five wrong passwords in a row a door that counts says so', { buffered: true }, async (t) => {
  const other = await startGallery({ only: ['rate-limited'] })
  t.teardown(() => other.close())
  const door = other.door('rate-limited')
  const statuses: number[] = []
  for (let attempt = 0; attempt < 6; attempt++) {
    const body = new URLSearchParams({ user: door.username, pass: wrongPassword })
    statuses.push((await fetch(`${door.url}/api/sign-in`, { method: 'POST', body })).status)
  }
  t.same(statuses, [401, 401, 401, 401, 401, 429])
  door.forget()
  const body = new URLSearchParams({ user: door.username, pass: wrongPassword })
  const again = await fetch(`${door.url}/api/sign-in`, { method: 'POST', body })
  t.match(await again.json(), { detail: /4 attempts left/ }, 'until it is told to forget')
})

t.test('any door can be down, or hang until told otherwise', { buffered: true }, async (t) => {
  const other = await startGallery({ only: ['oidc-consent'] })
  const door = other.door('oidc-consent')
  door.setMood('down')
  t.equal((await fetch(door.loginUrl)).status, 503)
  door.setMood('hanging')
  const answer = fetch(door.loginUrl, { redirect: 'manual' })
  t.equal(await Promise.race([answer, sleep(100, 'nothing')]), 'nothing')
  door.setMood('ok')
  t.equal((await answer).status, 302)
  door.setMood('hanging')
  const left = fetch(door.loginUrl).catch(() => undefined)
  await sleep(20)
  await other.close()
  await left
  t.throws(() => door.setMood('captcha'), /oidc-consent has no mood captcha/)
})

t.test(
  'the gallery lists its doors, each a site of its own with words for each mood',
  { buffered: true },
  async (t) => {
    const { doors } = gallery
    const list = await (await fetch(gallery.url)).text()
    t.ok(doors.every(({ loginUrl }) => list.includes(loginUrl)))
    for (const what of ['name', 'url', 'password', 'shape'] as const)
      t.equal(new Set(doors.map((door) => door[what])).size, doors.length, `no two with the same ${what}`)
    t.equal(new Set(doors.map(({ language }) => language)).size, 12)
    for (const { name, moods, says } of doors) {
      const needed = moods.filter((mood) => !['ok', 'down', 'hanging'].includes(mood))
      const words = needed.map((mood) =>
        mood === 'codes_refused' ? says.codeRefused : says[mood as 'locked'],
      )
      t.ok(words.every(Boolean), `${name} has words for ${needed.join(', ')}`)
    }
    await t.rejects(startGallery({ only: ['no-such-door'] }), /no door called no-such-door/)
  },
)
