import { createBrokerClient } from '@session-broker/client'
import { createSessionJar } from '@session-broker/client/tough-cookie'
import { type Cookie, cookieHeader } from '@session-broker/shared'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { issued, until } from './scripted-broker.ts'
import { startStateBroker } from './state-broker.ts'

const cookie = (over: Partial<Cookie>): Cookie => ({
  ...{ name: 'sid', value: 'x', domain: 'shop.example', path: '/', expires: -1 },
  ...{ httpOnly: true, secure: true },
  ...over,
})

async function start(t: Test, cookies: Cookie[]) {
  const broker = await startStateBroker(issued(1, { cookies }))
  const client = createBrokerClient({ url: broker.url, key: 'sb_key' })
  const session = await createSessionJar({ client, onTrouble: (error) => t.fail(String(error)) })
  t.teardown(async () => {
    await session.close()
    await client.close()
    await broker.close()
  })
  return { broker, session, jar: session.jar }
}

t.test('cookies for one host, for sub-domains, by path, over https, and without a name', async (t) => {
  const { jar } = await start(t, [
    cookie({ name: 'host', domain: 'shop.example' }),
    cookie({ name: 'domain', domain: '.shop.example', secure: false }),
    cookie({ name: 'deep', path: '/orders/open' }),
    cookie({ name: '', value: 'nameless' }),
    cookie({ name: 'over', expires: 1 }),
    cookie({ name: '__Host-strict', path: '/' }),
  ])
  const header = (url: string) => jar.getCookieString(url)
  t.equal(await header('https://shop.example/'), 'host=x; domain=x; nameless; __Host-strict=x')
  t.equal(
    await header('https://shop.example/orders/open'),
    'deep=x; host=x; domain=x; nameless; __Host-strict=x',
  )
  t.equal(await header('https://www.shop.example/'), 'domain=x')
  t.equal(await header('http://shop.example/'), 'domain=x')
  t.equal(await header('https://notshop.example/'), '')
})

t.test('two that a browser holds apart are apart', async (t) => {
  const { jar } = await start(t, [
    cookie({ value: 'of-the-host' }),
    cookie({ value: 'of-the-domain', domain: '.shop.example' }),
    cookie({
      value: 'of-the-partition',
      partitionKey: 'https://shop.example',
      _crHasCrossSiteAncestor: false,
    }),
  ])
  const all = 'sid=of-the-host; sid=of-the-domain; sid=of-the-partition'
  t.equal(await jar.getCookieString('https://shop.example/'), all)
  await jar.setCookie('sid=new; Path=/; Secure', 'https://shop.example/')
  await jar.setCookie('sid=renewed; Path=/; Secure; Partitioned', 'https://shop.example/')
  const held = (await jar.getCookieString('https://shop.example/')).split('; ').sort()
  t.same(held, ['sid=new', 'sid=of-the-domain', 'sid=renewed'])
  await jar.setCookie('sid=; Max-Age=0; Path=/; Secure', 'https://shop.example/')
  const left = (await jar.getCookieString('https://shop.example/')).split('; ').sort()
  t.same(left, ['sid=of-the-domain', 'sid=renewed'], 'one ends, and the others stay')
})

t.test('a partitioned cookie goes where its partition is its own site', async (t) => {
  const { jar } = await start(t, [
    cookie({ name: 'own', partitionKey: 'https://shop.example', _crHasCrossSiteAncestor: false }),
    cookie({ name: 'embedded', partitionKey: 'https://portal.example', _crHasCrossSiteAncestor: true }),
    cookie({ name: 'between', partitionKey: 'https://shop.example', _crHasCrossSiteAncestor: true }),
  ])
  t.equal(await jar.getCookieString('https://shop.example/'), 'own=x')
})

t.test('the jar sends what a browser would, for any cookies and any address', async (t) => {
  const hosts = [
    'shop.example',
    'www.shop.example',
    'a.www.shop.example',
    'other.example',
    'localhost',
    '127.0.0.1',
  ]
  const paths = ['/', '/a', '/a/', '/a/b', '/ab']
  const cookies = fc.array(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c', ''),
      value: fc.stringMatching(/^[a-z]{1,3}$/),
      host: fc.constantFrom(...hosts),
      isForSubDomains: fc.boolean(),
      path: fc.constantFrom(...paths),
      secure: fc.boolean(),
      expires: fc.constantFrom(-1, 1, 4_000_000_000),
    }),
    { maxLength: 12 },
  )
  const addresses = fc.array(
    fc.tuple(fc.constantFrom('http', 'https'), fc.constantFrom(...hosts), fc.constantFrom(...paths)),
  )
  const { broker, session, jar } = await start(t, [])
  let generation = 1
  await fc.assert(
    fc.asyncProperty(cookies, addresses, async (given, asked) => {
      const unique = new Map<string, Cookie>()
      for (const { host, isForSubDomains, ...rest } of given) {
        const isName = !/^[\d.]+$|^localhost$/.test(host)
        const one = cookie({ ...rest, domain: isForSubDomains && isName ? `.${host}` : host })
        unique.set(`${one.name} ${one.domain} ${one.path}`, one)
      }
      const wanted = [...unique.values()]
      generation += 1
      broker.publish(issued(generation, { cookies: wanted }))
      await until(() => session.current().generation === generation)
      for (const [scheme, host, path] of asked) {
        const url = new URL(`${scheme}://${host}${path}`)
        t.equal(await jar.getCookieString(url.href), cookieHeader(wanted, url, Date.now() / 1000))
      }
    }),
    { numRuns: 60 },
  )
})

t.test('a new generation is in at once: nobody ever reads a mix', async (t) => {
  const pair = (generation: number) =>
    issued(generation, {
      cookies: Array.from({ length: 40 }, (_, at) => cookie({ name: `c${at}`, value: `gen${generation}` })),
    })
  const { broker, session, jar } = await start(t, pair(1).cookies)
  const seen = new Set<string>()
  let isOver = false
  const readers = Array.from({ length: 20 }, async () => {
    while (!isOver) {
      const values = (await jar.getCookies('https://shop.example/')).map(({ value }) => value)
      seen.add(`${values.length} × ${[...new Set(values)].join('+')}`)
      await new Promise((resolve) => setImmediate(resolve))
    }
  })
  for (let generation = 2; generation <= 30; generation++) {
    broker.publish(pair(generation))
    await until(() => session.current().generation === generation)
  }
  isOver = true
  await Promise.all(readers)
  t.ok(seen.size > 1, `${seen.size} generations were read`)
  t.same(
    [...seen].filter((each) => !/^40 × gen\d+$/.test(each)),
    [],
  )
})

t.test('the session’s domains become what the state says, and those of other sites stay', async (t) => {
  const { broker, session, jar } = await start(t, [
    cookie({ name: 'sid', value: 'gen1' }),
    cookie({ name: 'left', domain: '.cdn.example' }),
  ])
  await jar.setCookie('sid=rotated; Path=/; Secure', 'https://shop.example/')
  await jar.setCookie('own=1', 'https://shop.example/')
  await jar.setCookie('theirs=1', 'https://other.example/')
  t.equal(await jar.getCookieString('https://shop.example/'), 'sid=rotated; own=1')
  broker.publish(issued(2, { cookies: [cookie({ name: 'sid', value: 'gen2' })] }))
  await until(() => session.current().generation === 2)
  t.equal(await jar.getCookieString('https://shop.example/'), 'sid=gen2')
  t.equal(await jar.getCookieString('https://cdn.example/'), '')
  t.equal(await jar.getCookieString('https://other.example/'), 'theirs=1')
})

t.test('it is a jar like any other', async (t) => {
  const { jar } = await start(t, [cookie({ value: 'gen1' })])
  t.equal(jar.getCookieStringSync('https://shop.example/'), 'sid=gen1')
  t.match((await jar.serialize()).cookies, [{ key: 'sid', value: 'gen1', domain: 'shop.example' }])
  t.equal((await jar.getCookies('https://shop.example/', { allPaths: true })).length, 1)
  await jar.removeAllCookies()
  t.equal(await jar.getCookieString('https://shop.example/'), '')
})
