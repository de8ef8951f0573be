import type { Cookie } from '@session-broker/shared'
import t from 'tap'
import type { OpenContext } from '../../packages/client/src/in-browser/open-context.ts'
import { replaceState } from '../../packages/client/src/in-browser/replace-state.ts'
import { cookie } from './open-contexts.ts'

// A browser that hangs: what the libraries wait for has no bound of its own.

const running = setInterval(() => undefined, 1_000)
t.teardown(() => clearInterval(running))

const change = {
  ...{ state: { cookies: [cookie()], origins: [] }, former: undefined },
  ...{ nowSeconds: 0, withinMs: 50 },
}

function contextThat(does: Partial<OpenContext>) {
  let held: readonly Cookie[] = []
  const context: OpenContext = {
    cookies: async () => [...held],
    setCookies: async (cookies) => {
      held = cookies
    },
    standOn: () => Promise.reject(new Error('nothing is stored')),
    reload: async () => [],
    hold: async () => async () => undefined,
    ...does,
  }
  return { context, held: () => held.map(({ name }) => name) }
}

t.test('one that does not hold in time is left as it is, and let go when it does', async (t) => {
  const holding = Promise.withResolvers<() => Promise<void>>()
  const { context, held } = contextThat({ hold: () => holding.promise })
  await t.rejects(replaceState(context, change), { name: 'TimeoutError' })
  t.same(held(), [])
  const released = Promise.withResolvers<void>()
  holding.resolve(async () => released.resolve())
  await released.promise
})

t.test('one that does not say that it has let go is not waited for', async (t) => {
  const { context, held } = contextThat({ hold: async () => () => new Promise(() => undefined) })
  await t.rejects(replaceState(context, change), { name: 'TimeoutError' })
  t.same(held(), ['sid'])
})

t.test('one that does not swap in time lets the requests go', async (t) => {
  let isReleased = false
  const release = async () => {
    isReleased = true
  }
  const { context } = contextThat({
    hold: async () => release,
    setCookies: () => new Promise(() => undefined),
  })
  await t.rejects(replaceState(context, change), { name: 'TimeoutError' })
  t.ok(isReleased)
})
