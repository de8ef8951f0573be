import type { Cookie, IssuedSession } from '@session-broker/shared'
import t from 'tap'
import { applySession } from '../../../apps/worker/src/apply/apply-session.ts'
import { inTurn } from '../../../apps/worker/src/apply/in-turn.ts'
import { StoodDown } from '../../../apps/worker/src/session/ports/chrome.ts'
import { openChrome, openTab, openTargets } from '../cdp/open-chrome.ts'
import { openSite } from '../cdp/open-site.ts'

const chrome = await openChrome(t)
const noLooks = { lateLooksMs: [] }

function cookie(domain: string, name: string, value: string, parts: Partial<Cookie> = {}): Cookie {
  return { name, value, domain, path: '/', expires: -1, httpOnly: false, secure: false, ...parts }
}

function state(cookies: Cookie[], session = 'shop'): IssuedSession {
  const { userAgent } = chrome
  const obtainedAt = new Date().toISOString()
  return { session, generation: 1, revision: 0, obtainedAt, expiresAt: null, userAgent, cookies, origins: [] }
}

async function held(domain: string): Promise<string[]> {
  const { cookies } = await chrome.send('Storage.getCookies')
  return cookies
    .filter((one) => one.domain.endsWith(domain))
    .map((one) => `${one.domain} ${one.name}=${one.value}`)
    .sort()
}

async function contexts(): Promise<number> {
  return (await chrome.send('Target.getBrowserContexts')).browserContextIds.length
}

t.test('names each cookie that this Chrome would not hold, and touches nothing then', async (t) => {
  const domain = 'refused.example'
  await chrome.send('Storage.setCookies', { cookies: [{ name: 'old', value: '1', domain, path: '/' }] })
  const before = [await openTargets(chrome), await contexts()]
  const bad = [
    cookie(`.${domain}`, '__Host-dot', 'secret', { secure: true }),
    cookie(domain, '__Secure-plain', 'secret'),
    cookie(domain, 'large', 'x'.repeat(4096)),
    cookie(domain, 'semicolon', 'se;cret'),
    cookie(domain, 'control', 'se\u0001cret'),
    cookie(domain, 'none', 'secret', { sameSite: 'None' }),
    cookie(domain, '', ''),
  ]
  const result = await applySession({
    chrome,
    state: state([cookie(domain, 'good', '1'), ...bad]),
    options: noLooks,
  })
  t.match(result, { outcome: 'refused', cookies: 0, partial: [], owned: { domains: [], origins: [] } })
  t.same(
    result.refused.map(({ name }) => name),
    bad.map(({ name }) => name),
  )
  t.match(result.refused[5], { domain, reason: 'SameSite=None needs Secure' })
  t.notMatch(JSON.stringify(result), /cret/)
  t.same(await held(domain), [`${domain} old=1`])
  t.same([await openTargets(chrome), await contexts()], before)
})

t.test('names those that are too many for one site, which Chrome drops in silence', async (t) => {
  const many = Array.from({ length: 250 }, (_, index) => cookie('many.example', `c${index}`, '1'))
  const result = await applySession({ chrome, state: state(many), options: noLooks })
  t.equal(result.outcome, 'refused')
  t.ok(result.refused.length >= 70)
  t.match(result.refused[0]?.reason, /more than 180/)
  t.same(await held('many.example'), [])
})

t.test('removes what the new generation no longer has, and leaves other sites alone', async (t) => {
  await chrome.send('Storage.setCookies', {
    cookies: [
      { name: 'other', value: '1', domain: 'bystander.example', path: '/' },
      { name: 'sub', value: '1', domain: 'deep.own.example', path: '/' },
      { name: 'stray', value: '1', domain: '.own.example', path: '/' },
    ],
  })
  const first = await applySession({
    chrome,
    state: state([
      cookie('own.example', 'kept', '1', { secure: true }),
      cookie('own.example', 'gone', '1', { path: '/some', httpOnly: true }),
      cookie('.gone.example', 'gone', '1', { secure: true, sameSite: 'None' }),
      cookie('.gone.example', '__Secure-p', '1', { secure: true, partitionKey: 'https://top.example' }),
    ]),
    options: noLooks,
  })
  t.match(first, { outcome: 'applied', cookies: 4, owned: { domains: ['own.example', 'gone.example'] } })
  t.same(await held('own.example'), ['deep.own.example sub=1', 'own.example gone=1', 'own.example kept=1'])

  const second = await applySession({
    chrome,
    state: state([cookie('own.example', 'kept', '2'), cookie('own.example', 'new', '2')]),
    previous: first.owned,
    options: noLooks,
  })
  t.match(second, { outcome: 'applied', cookies: 2, owned: { domains: ['own.example'] } })
  t.same(await held('own.example'), ['deep.own.example sub=1', 'own.example kept=2', 'own.example new=2'])
  t.same(await held('gone.example'), [])
  t.same(await held('bystander.example'), ['bystander.example other=1'])
})

t.test('takes a cookie that has expired since as gone, and one of far away as Chrome keeps it', async (t) => {
  const now = Date.now() / 1_000
  const cookies = [
    cookie('time.example', 'past', '1', { expires: now - 1 }),
    cookie('time.example', 'soon', '1', { expires: now + 1_000.123456 }),
    cookie('time.example', 'far', '1', { expires: now + 800 * 86_400 }),
  ]
  const result = await applySession({ chrome, state: state(cookies), options: noLooks })
  t.match(result, { outcome: 'applied', cookies: 2 })
  t.same(await held('time.example'), ['time.example far=1', 'time.example soon=1'])
})

t.test('finds a name again under the form that Chrome gives it', async (t) => {
  const cookies = [
    cookie('.Bücher.Example', 'a', '1'),
    cookie('form.example', 'b', '1', { path: '/foo bar' }),
  ]
  t.match(await applySession({ chrome, state: state(cookies), options: noLooks }), { outcome: 'applied' })
  t.same(await held('xn--bcher-kva.example'), ['.xn--bcher-kva.example a=1'])
})

t.test('says when the state was given to another user agent', async (t) => {
  const mine = await applySession({ chrome, state: state([]), options: noLooks })
  const another = await applySession({
    chrome,
    state: { ...state([]), userAgent: 'Another/1.0' },
    options: noLooks,
  })
  t.same([mine.userAgentDiffers, another.userAgentDiffers], [false, true])
})

t.test('an answer to a request from before that undoes the new state is made good, once', async (t) => {
  const late: (() => void)[] = []
  const site = await openSite(t, async (request, response) => {
    if (request.url !== '/late') return
    await new Promise<void>((resolve) => late.push(resolve))
    response.setHeader('set-cookie', 'sid=; Max-Age=0')
  })
  const domain = 'late.localhost'
  const tab = await openTab(chrome, site.at(domain))
  const first = await applySession({
    chrome,
    state: state([cookie(domain, 'sid', 'dead')]),
    options: noLooks,
  })
  await tab.evaluate(`void fetch('/late')`)
  while (late.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))

  const second = await applySession({
    chrome,
    state: state([cookie(domain, 'sid', 'new')]),
    previous: first.owned,
    options: { lateLooksMs: [50, 300, 600] },
  })
  t.equal(second.outcome, 'applied')
  for (const answer of late) answer()
  t.equal(await second.settled, 'applied_again')
  t.same(await held(domain), [`${domain} sid=new`])
})

t.test('what the site makes of the new session is left alone', async (t) => {
  const domain = 'rotates.example'
  const result = await applySession({
    chrome,
    state: state([cookie(domain, 'sid', 'given')]),
    options: { lateLooksMs: [100] },
  })
  await chrome.send('Storage.setCookies', { cookies: [{ name: 'sid', value: 'rotated', domain, path: '/' }] })
  t.equal(await result.settled, 'kept')
  t.same(await held(domain), [`${domain} sid=rotated`])
})

t.test('what a late answer has undone is put in again beside what the site has made new', async (t) => {
  const domain = 'both.example'
  const result = await applySession({
    chrome,
    state: state([cookie(domain, 'sid', 'given'), cookie(domain, 'device', 'known')]),
    options: { lateLooksMs: [200] },
  })
  const set = { domain, path: '/' }
  await chrome.send('Storage.setCookies', {
    cookies: [
      { ...set, name: 'sid', value: 'rotated' },
      { ...set, name: 'cart', value: '1' },
      { ...set, name: 'device', value: '', expires: 1 },
    ],
  })
  t.equal(await result.settled, 'applied_again')
  t.same(await held(domain), [`${domain} cart=1`, `${domain} device=known`, `${domain} sid=rotated`])
})

t.test('an older state is never put in again once a newer one has begun', async (t) => {
  const domain = 'newer.example'
  const older = await applySession({
    chrome,
    state: state([cookie(domain, 'old', '1')]),
    options: { lateLooksMs: [200] },
  })
  const newer = await applySession({
    chrome,
    state: state([cookie(domain, 'new', '2')]),
    previous: older.owned,
    options: noLooks,
  })
  t.same([await older.settled, await newer.settled], ['given_up', 'kept'])
  t.same(await held(domain), [`${domain} new=2`])
})

t.test('applies of several sessions at once come one after the other and are all in', async (t) => {
  const domains = ['one.example', 'two.example', 'three.example']
  const results = await Promise.all(
    domains.map((domain) =>
      applySession({
        chrome,
        state: state([cookie(domain, 'sid', domain)], domain.split('.')[0]),
        options: noLooks,
      }),
    ),
  )
  t.same(
    results.map(({ outcome }) => outcome),
    ['applied', 'applied', 'applied'],
  )
  for (const domain of domains) t.same(await held(domain), [`${domain} sid=${domain}`])
})

t.test(
  'what is run in turn for one Chrome overlaps in none of its parts, also after one that failed',
  async (t) => {
    const steps: string[] = []
    const run = (name: string) =>
      inTurn(chrome, async () => {
        steps.push(`${name} begins`)
        await new Promise((resolve) => setTimeout(resolve, 10))
        steps.push(`${name} ends`)
        if (name === 'a') throw new Error('a failed')
      })
    const [first, second] = [run('a'), run('b')]
    await t.rejects(first, { message: 'a failed' })
    await second
    t.same(steps, ['a begins', 'a ends', 'b begins', 'b ends'])
  },
)

t.test('reloads the open pages of the session, and only those, when it is asked to', async (t) => {
  const site = await openSite(t)
  const [mine, other] = ['www.reload.localhost', 'bystander.localhost']
  for (const host of [mine, other]) await openTab(chrome, site.at(host))
  const pages = () => site.requests.filter(({ path }) => path === '/')
  site.requests.length = 0
  const cookies = [cookie('.reload.localhost', 'sid', '1')]
  await applySession({ chrome, state: state(cookies), options: { ...noLooks, reloadPages: true } })
  while (pages().length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  t.match(pages(), [{ host: mine, cookies: new Map([['sid', '1']]) }])
  t.equal(pages().length, 1)
})

t.test('what is undone late is left to the worker that acts by then', async (t) => {
  const domain = 'stood-down.example'
  let asked = 0
  const beforeSwap = async () => {
    asked += 1
    if (asked > 1) throw new StoodDown('another one acts')
  }
  const { settled } = await applySession({
    chrome,
    state: state([cookie(domain, 'sid', '1')]),
    options: { beforeSwap, lateLooksMs: [500, 5_000, 15_000] },
  })
  await chrome.send('Storage.setCookies', {
    cookies: [{ name: 'sid', value: '1', domain, path: '/', expires: 1 }],
  })
  t.equal(await settled, 'given_up')
  t.equal(asked, 2)
  t.same(await held(domain), [])
})

t.test('its signal ends it, and nothing stays held or open', async (t) => {
  // The page that was just told to load anew is between two addresses for a moment.
  while ((await openTargets(chrome)).includes('page '))
    await new Promise((resolve) => setTimeout(resolve, 20))
  const before = [await openTargets(chrome), await contexts()]
  const stop = new AbortController()
  const applying = applySession({
    chrome,
    state: state([cookie('stopped.example', 'sid', '1')]),
    options: { signal: stop.signal },
  })
  stop.abort(new Error('stop'))
  await t.rejects(applying, { message: 'stop' })
  t.same([await openTargets(chrome), await contexts()], before)
})
