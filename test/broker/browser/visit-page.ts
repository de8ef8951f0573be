import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RecipeHooks } from '@session-broker/recipe'
import { ProblemError, type Recipe, recipeSchema, type SessionState } from '@session-broker/shared'
import type { Door } from '@session-broker/stage/gallery'
import type { Test } from 'tap'
import { createSiteLogin, type SignInOptions } from '../../../apps/broker/src/browser/sign-in/sign-in.ts'
import type { LoginTraces } from '../../../apps/broker/src/session/ports/login-traces.ts'
import type { SiteExits } from '../../../apps/broker/src/session/ports/site-exit.ts'
import type { AskPerson } from '../../../apps/broker/src/session/ports/site-login.ts'
import { defineSession } from '../session/define-session.ts'
import { nobody } from './nobody.ts'
import { openHouse } from './open-house.ts'

export interface Page {
  /** What `/login` shows. */
  form: string
  /** What else there is, by path. */
  pages?: Record<string, string>
  /** Answers the posted form; left out: `right` gets in, anything else gets the form again. */
  onPost?: (body: string, response: ServerResponse) => void
}

export interface Visit {
  origin: string
  posts: string[]
}

export async function startPage(t: Test, { form, pages = {}, onPost }: Page): Promise<Visit> {
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

export interface Attempt {
  password?: string
  code?: () => Promise<string>
  recipe?: unknown
  /** The recipe's functions. */
  hooks?: RecipeHooks
  requestPermit?: () => Promise<void>
  confirmPermit?: () => void
  /** What is done while the page still stands. */
  prove?: () => Promise<void>
  askPerson?: AskPerson
  leaveTraces?: (traces: LoginTraces) => void
  signal?: AbortSignal
  /** The URL of the session's own proxy. */
  proxy?: string
  acceptsDeviceBound?: boolean
}

/** As long as a login has by default: a machine that does much else is slow. */
const loginTimeoutMs = 60_000

/** A real Chromium, and the sign-in with it. What pages take from elsewhere stays away, wherever this runs. */
export async function openSignIn(t: Test, { exits, ...options }: SignInOptions & { exits?: SiteExits } = {}) {
  const { house, folder } = await openHouse(t, { ...(exits && { exits }) })
  const siteLogin = createSiteLogin(house, options)

  function logIn({ origin }: { origin: string }, attempt: Attempt = {}) {
    const recipe: Recipe = recipeSchema.parse(attempt.recipe ?? {})
    return createSiteLogin(house, { ...options, hooksOf: () => attempt.hooks })({
      definition: defineSession({
        ...{ loginUrl: `${origin}/login`, recipe, loginTimeoutMs },
        acceptsDeviceBound: attempt.acceptsDeviceBound ?? false,
        ...(attempt.proxy !== undefined && { proxy: async () => attempt.proxy ?? '' }),
      }),
      credentials: {
        ...{ username: 'alice', password: attempt.password ?? 'right-7Qx' },
        ...(attempt.code && { code: attempt.code }),
      },
      requestPermit: attempt.requestPermit ?? (() => Promise.resolve()),
      confirmPermit: attempt.confirmPermit ?? (() => undefined),
      askPerson: attempt.askPerson ?? nobody,
      isOver: () => attempt.signal?.aborted ?? false,
      async prove(result) {
        await attempt.prove?.()
        return result
      },
      ...(attempt.leaveTraces && { leaveTraces: attempt.leaveTraces }),
      signal: attempt.signal ?? AbortSignal.timeout(loginTimeoutMs),
    })
  }

  async function failureOf(
    visit: Pick<Visit, 'origin'>,
    attempt: Attempt = {},
  ): Promise<ProblemError | undefined> {
    try {
      await logIn(visit, attempt)
    } catch (error) {
      if (error instanceof ProblemError) return error
      throw error
    }
    return undefined
  }

  async function signInAtDoor(door: Door): Promise<SessionState> {
    const { username, password, loginUrl, totpSecret } = door
    const { state } = await siteLogin({
      definition: defineSession({ loginUrl, loginTimeoutMs }),
      credentials: {
        ...{ username, password },
        ...(totpSecret !== undefined && { code: () => door.nextCode() }),
      },
      requestPermit: () => Promise.resolve(),
      confirmPermit: () => undefined,
      askPerson: nobody,
      isOver: () => false,
      prove: async (result) => result,
      signal: AbortSignal.timeout(loginTimeoutMs),
    })
    return state
  }

  return { house, folder, logIn, failureOf, signInAtDoor }
}

export const password = '<input type="password" name="p">'
export const plain = `<form method="post"><input name="u">${password}<button>Sign in</button></form>`
