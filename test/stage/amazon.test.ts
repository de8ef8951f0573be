import { type Between, startAmazon } from '@session-broker/stage/amazon'
import t, { type Test } from 'tap'

// The replica lets nobody in who has not passed every page that stands between.
const site = await startAmazon('127.42.8.3')
t.teardown(() => site.close())
t.beforeEach(() => site.forget())

/** A browser as far as it matters here: it keeps cookies. */
function openBrowser() {
  const cookies = new Map<string, string>()
  return {
    cookies,
    async ask(path: string, form?: Record<string, string>) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const answer = await fetch(site.url + path, {
        headers: { cookie },
        redirect: 'manual',
        ...(form && { method: 'POST', body: new URLSearchParams(form) }),
      })
      for (const line of answer.headers.getSetCookie()) {
        const [name = '', value = ''] = line.split(';', 1)[0]?.split('=') ?? []
        if (value === '') cookies.delete(name)
        else cookies.set(name, value)
      }
      return { text: await answer.text(), leadsTo: answer.headers.get('location') ?? '' }
    },
  }
}

const right = () => ({ email: site.username, password: site.password })

t.test('a stranger is led to the sign-in, and in it only by the right name and password', async (t) => {
  site.setTurns({ afterPassword: [] })
  const browser = openBrowser()
  t.match((await browser.ask('/gp/css/order-history')).leadsTo, /^\/ap\/signin\?/)
  t.match((await browser.ask('/ap/signin')).text, /id="ap_email"/)
  t.match((await browser.ask('/ap/signin', { email: 'bob@example.com' })).text, /cannot find an account/)
  t.match((await browser.ask('/ap/signin', { ...right(), password: 'x' })).text, /Your password is incorrect/)
  t.equal(site.stats().signedIn, 0)
  t.equal((await browser.ask('/ap/signin', right())).leadsTo, '/gp/css/order-history')
  t.match((await browser.ask('/gp/css/order-history')).text, /Your Orders/)
  const state = { cookies: Object.fromEntries(browser.cookies) }
  t.ok(site.isSignedIn(state))
  await browser.ask('/gp/flex/sign-out.html')
  t.notOk(site.isSignedIn(state))
})

t.test('a code is asked for, and not again on a browser that is to be remembered', async (t) => {
  const browser = openBrowser()
  await browser.ask('/ap/signin')
  t.equal((await browser.ask('/ap/signin', right())).leadsTo, '/ap/mfa')
  t.match((await browser.ask('/ap/mfa', { otpCode: '000000' })).text, /not valid/)
  t.equal((await browser.ask('/gp/css/order-history')).leadsTo.split('?')[0], '/ap/signin')
  const code = { otpCode: await site.nextCode(), rememberDevice: '' }
  t.equal((await browser.ask('/ap/mfa', code)).leadsTo, '/gp/css/order-history')
  await browser.ask('/gp/flex/sign-out.html')
  t.equal((await browser.ask('/ap/signin', right())).leadsTo, '/gp/css/order-history')
  t.equal((await openBrowser().ask('/ap/signin', right())).leadsTo, '/ap/mfa', 'another browser is asked')
})

async function standBefore(t: Test, page: Between) {
  site.setTurns({ afterPassword: [page] })
  const browser = openBrowser()
  await browser.ask('/ap/signin')
  const { leadsTo } = await browser.ask('/ap/signin', right())
  t.notMatch(leadsTo, /order-history/)
  return { ...browser, leadsTo }
}

t.test('a mailed code, an approval, a phone number stand between', async (t) => {
  const mailed = await standBefore(t, 'mailed_code')
  await mailed.ask(mailed.leadsTo)
  t.match((await mailed.ask('/ap/cvf/verify', { code: 'none' })).text, /Invalid code/)
  const code = await site.mailedCode()
  t.equal((await mailed.ask('/ap/cvf/verify', { code })).leadsTo, '/gp/css/order-history')

  const approval = await standBefore(t, 'approval')
  await approval.ask(approval.leadsTo)
  t.match((await approval.ask('/ap/next')).text, /Approve the notification/)
  site.approve()
  t.equal((await approval.ask('/ap/next')).leadsTo, '/gp/css/order-history')

  const phone = await standBefore(t, 'add_phone')
  t.match((await phone.ask(phone.leadsTo)).text, /Keep hackers out/)
  await phone.ask('/ap/accountfixup', { cvf_phone_num: '1' })
  t.equal(site.stats().astray, 1, 'who gives one has gone astray')
  t.equal((await phone.ask('/ap/accountfixup?skip=1')).leadsTo, '/gp/css/order-history')
})

t.test('a code is no way around the password', async (t) => {
  const browser = openBrowser()
  await browser.ask('/ap/signin')
  t.equal((await browser.ask('/ap/mfa', { otpCode: await site.nextCode() })).leadsTo, '/ap/signin')
  t.equal(site.stats().signedIn, 0)
})
