import { startAmazon } from '@session-broker/stage/amazon'
import { startBroker } from '@session-broker/stage/broker'
import t from 'tap'

// `recipe: amazon` as a user writes it, in a real broker: nothing but a URL, a name, a password and the secret of the app.
t.setTimeout(300_000)

t.test('it logs in, serves the session, and logs out at the site', async (t) => {
  const site = await startAmazon()
  t.teardown(() => site.close())
  const { loginUrl, username, password, totpSecret } = site
  site.setTurns({
    newForm: true,
    continueShopping: true,
    afterPassword: ['method_choice', 'code', 'add_phone'],
  })
  const broker = await startBroker({
    sites: { amazon: { loginUrl, username, password, totp: totpSecret, recipe: 'amazon' } },
  })
  t.teardown(() => broker.close())

  t.match((await broker.refresh()).body, { outcome: 'renewed', generation: 1 })
  t.match(site.stats(), { names: 1, passwords: 1, codes: 1, remembered: 1, signedIn: 1, astray: 0 })
  const { body } = await broker.call('/session/cookies')
  t.ok(site.isSignedIn(body))
  t.match(
    (await broker.call('/session')).body,
    { status: 'live', check: { url: loginUrl, in: 'http', expect: { status: 200, finalUrl: loginUrl } } },
    'the check was derived from the page that only the account sees',
  )
  t.match((await broker.refresh({ generation: 1 })).body, { outcome: 'alive' })

  t.match(await broker.call('/session?logout=true', { method: 'DELETE' }), { status: 200 })
  t.match(site.stats(), { logouts: 1 })
  t.notOk(site.isSignedIn(body), 'the cookies that were given out are worth nothing any more')
  for (const secret of [password, totpSecret, username]) t.notOk(broker.said().includes(secret))
})

t.test('what is not right stops the logins', async (t) => {
  const site = await startAmazon('127.42.8.2')
  t.teardown(() => site.close())
  const { loginUrl, username, password } = site
  const own = { loginUrl, username, recipe: 'amazon' }
  const broker = await startBroker({
    sites: {
      wrong: { ...own, password: 'wrong-7Qx', totp: site.totpSecret },
      // Of another account than the one that has just been locked out here.
      code: {
        ...own,
        username: 'Alice@Example.com',
        password,
        totp: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
      },
    },
  })
  t.teardown(() => broker.close())
  t.match((await broker.refresh({}, { session: 'wrong' })).body, { code: 'login_bad_credentials' })
  t.match((await broker.refresh({}, { session: 'wrong' })).body, { code: 'login_locked_out' })
  t.match(site.stats(), { passwords: 1, signedIn: 0 })
  t.match((await broker.refresh({}, { session: 'code' })).body, {
    code: 'login_bad_credentials',
    detail: /one-time code again/,
  })
  t.match(site.stats(), { passwords: 2, codes: 1, signedIn: 0 })
})
