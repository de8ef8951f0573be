import { createBrokerClient, type FollowedSession } from '@session-broker/client'
import type { KeepOptions } from '@session-broker/client/playwright'
import type { Cookie, IssuedSession } from '@session-broker/shared'
import t, { type Test } from 'tap'
import { type BusySite, cookie, generationOf, isWhole, wholeState } from './open-contexts.ts'
import { issued, until } from './scripted-broker.ts'
import { startStateBroker } from './state-broker.ts'

interface Page {
  goto(url: string): Promise<unknown>
  evaluate(script: string): Promise<unknown>
  close(): Promise<void>
}

interface Context {
  newPage(): Promise<Page>
  cookies(): Promise<{ name: string; value: string }[]>
  close(): Promise<void>
}

/** A piece of the client that puts states into open contexts, and the library that it is for. */
export interface OpenContextPiece<Open extends Context> {
  site: BusySite
  newContext(): Promise<Open>
  keepSignedIn(context: Open, options: KeepOptions): Promise<FollowedSession>
  putInto(context: Open, session: IssuedSession): Promise<void>
  setCookies(context: Open, cookies: Pick<Cookie, 'name' | 'value' | 'domain' | 'path'>[]): Promise<void>
  /** A page whose requests the program intercepts, and lets go. */
  newInterceptedPage(context: Open): Promise<Page>
  /** The context, where something happens before the piece's cookies are set. */
  beforeCookies(context: Open, happens: () => Promise<void>): Open
}

export function keepIn<Open extends Context>(
  piece: Pick<OpenContextPiece<Open>, 'keepSignedIn' | 'newContext'>,
) {
  return async (
    t: Test,
    first: IssuedSession,
    given: Partial<KeepOptions> = {},
    newContext = piece.newContext,
  ) => {
    const broker = await startStateBroker(first)
    const client = createBrokerClient({ url: broker.url, key: 'sb_key' })
    const context = await newContext()
    const troubles: string[] = []
    const onTrouble = (error: unknown) => troubles.push(error instanceof Error ? error.message : '')
    t.teardown(async () => {
      await context.close()
      await client.close()
      await broker.close()
    })
    const kept = await piece.keepSignedIn(context, { client, onTrouble, ...given })
    t.teardown(() => kept.close())
    const become = async (state: IssuedSession) => {
      broker.publish(state)
      await until(() => kept.current().obtainedAt === state.obtainedAt, 60_000)
    }
    return { broker, context, kept, troubles, become }
  }
}

export async function tokenOf(context: Context, site: BusySite): Promise<unknown> {
  const page = await context.newPage()
  await page.goto(site.url)
  const value = await page.evaluate("localStorage.getItem('token')")
  await page.close()
  return value
}

export function openContextContract<Open extends Context>(piece: OpenContextPiece<Open>): void {
  const { site, putInto } = piece
  const keep = keepIn(piece)

  t.test('an open context gets the session, then each new generation, exactly', async (t) => {
    const { context, become, kept, troubles } = await keep(t, wholeState(1, site.url))
    t.equal(generationOf(kept), 1)
    t.equal(await tokenOf(context, site), 'gen1')
    await piece.setCookies(context, [
      { name: 'c3', value: 'rotated', domain: '127.0.0.1', path: '/' },
      { name: 'own', value: '1', domain: '127.0.0.1', path: '/deep' },
      { name: 'theirs', value: '1', domain: 'other.example', path: '/' },
    ])
    const next = [
      cookie({ name: 'c0', value: 'gen2' }),
      cookie({ name: 'new', value: 'gen2', sameSite: 'Lax' }),
    ]
    await become(wholeState(2, site.url, { cookies: next }))
    const held = await context.cookies()
    t.same(held.map(({ name, value }) => `${name}=${value}`).sort(), ['c0=gen2', 'new=gen2', 'theirs=1'])
    t.equal(await tokenOf(context, site), 'gen2')
    await become(issued(3, { cookies: next }))
    t.equal(await tokenOf(context, site), null, 'an origin that the state has no more is emptied')
    t.same(troubles, [])
  })

  t.test('no request of an open page carries a mix of two generations, however busy it is', async (t) => {
    const { context, become, troubles } = await keep(t, wholeState(1, site.url))
    for (const page of [await context.newPage(), await piece.newInterceptedPage(context)])
      await page.goto(`${site.url}/busy`)
    site.mixes.clear()
    const asked = () => [...site.mixes.values()].reduce((sum, each) => sum + each, 0)
    for (let generation = 2; generation <= 13; generation++) {
      const before = asked()
      await become(wholeState(generation, site.url))
      await until(() => asked() > before + 10, 60_000)
    }
    t.ok(site.mixes.size > 10, `${site.mixes.size} generations were seen`)
    t.same(
      [...site.mixes.keys()].filter((mix) => !isWhole(mix)),
      [],
    )
    t.same(troubles, [])
  })

  for (const how of ['newPage', 'newInterceptedPage'] as const)
    t.test(`a request that begins while cookies are replaced waits for the new ones (${how})`, async (t) => {
      const context = await piece.newContext()
      t.teardown(() => context.close())
      await putInto(context, wholeState(1, site.url))
      const page = how === 'newPage' ? await context.newPage() : await piece.newInterceptedPage(context)
      await page.goto(site.url)
      const slow = piece.beforeCookies(context, async () => {
        // Long enough for what is not held to arrive, and no more than that: held, it arrives after this anyway.
        await page.evaluate(
          "asked = fetch('/during').then(() => 0); new Promise((resolve) => setTimeout(resolve, 300))",
        )
      })
      const before = site.seen.length
      await putInto(slow, wholeState(2, site.url))
      await page.evaluate('asked')
      const during = site.seen.slice(before).filter(({ path }) => path === '/during')
      t.equal(during.length, 1)
      t.match(during[0]?.headers.cookie, 'c0=gen2')
    })

  t.test(
    'what a page asks for before it can know of the hold has gone when cookies are replaced',
    async (t) => {
      const context = await piece.newContext()
      t.teardown(() => context.close())
      await putInto(context, wholeState(1, site.url))
      const page = await context.newPage()
      await page.goto(site.url)
      // A first evaluation may need several steps; the one below has to begin before the hold does.
      await page.evaluate('0')
      let asked: Promise<unknown> | undefined
      // As late as it can be: half of them are in.
      const slow = piece.beforeCookies(context, async () => {
        const half = wholeState(2, site.url).cookies.slice(20)
        await piece.setCookies(context, half)
        await asked
      })
      const before = site.seen.length
      asked = page.evaluate(
        "for (const end = Date.now() + 300; Date.now() < end; );fetch('/early').then(() => 0)",
      )
      await putInto(slow, issued(2, { cookies: wholeState(2, site.url).cookies }))
      const early = site.seen.slice(before).filter(({ path }) => path === '/early')
      t.equal(early.length, 1)
      t.equal(early[0]?.headers.cookie?.match(/gen1/g)?.length, 40)
    },
  )
}
