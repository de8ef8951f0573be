import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { show } from '../gallery/desk/answers.ts'
import { createSecondFactor } from '../gallery/desk/second-factor.ts'
import { serveBetween } from './between-routes.ts'
import { homePage, ordersPage } from './pages.ts'
import { type AmazonStats, createShop, type Shop } from './shop.ts'
import { serveSignIn } from './sign-in-routes.ts'
import { plainTurns, type Turns } from './turns.ts'

/** A site that signs in as Amazon does: its ids and field names, its turns, and nothing else of it. */
export interface Amazon {
  /** Its origin, without a slash at its end. */
  readonly url: string
  /** A page for who is signed in; anybody else is led to the sign-in, and then back. */
  readonly loginUrl: string
  readonly username: string
  readonly password: string
  readonly totpSecret: string
  /** Of the authenticator app. */
  nextCode(): Promise<string>
  /** Out of the newest mail. */
  mailedCode(): Promise<string>
  /** The tap on the phone. */
  approve(): void
  /** What is left out goes as usual: name, password, code. */
  setTurns(turns: Partial<Turns>): void
  stats(): AmazonStats
  /** Whether a browser's state holds a session that is alive here. */
  isSignedIn(state: object): boolean
  killSessions(): void
  /** As just opened; password and secret stay. */
  forget(): void
  close(): Promise<void>
}

const picture =
  '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="70"><text x="20" y="45">XKCD42</text></svg>'

export async function startAmazon(host = '127.42.8.1'): Promise<Amazon> {
  const codes = createSecondFactor('totp')
  const mail = createSecondFactor('mail')
  const password = `${randomBytes(9).toString('base64url')}-7`
  const shop = createShop({ username: 'alice@example.com', password, codes, mail, turns: plainTurns })
  const app = Fastify({ logger: false, forceCloseConnections: true })
  serveShop(app, shop)
  serveSignIn(app, shop)
  serveBetween(app, shop)
  await app.listen({ port: 0, host })
  const url = `http://${host}:${(app.server.address() as AddressInfo).port}`
  return {
    ...{ url, loginUrl: `${url}/gp/css/order-history`, username: shop.username, password },
    totpSecret: codes.totpSecret,
    nextCode: codes.nextCode,
    mailedCode: mail.nextCode,
    approve: codes.approve,
    setTurns(turns) {
      shop.turns = { ...plainTurns, ...turns }
    },
    stats: shop.stats,
    isSignedIn: shop.holdsSession,
    killSessions: shop.endSessions,
    forget() {
      shop.turns = plainTurns
      shop.forget()
      codes.forget()
      mail.forget()
    },
    close: () => app.close(),
  }
}

function serveShop(app: FastifyInstance, shop: Shop): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body.toString()))),
  )
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })
  app.get('/', (request, reply) => show(reply, shop.isIn(request) ? ordersPage('Alice') : homePage))
  app.get('/captcha.svg', (_request, reply) => reply.type('image/svg+xml').send(picture))
  app.get('/favicon.ico', (_request, reply) => reply.code(204).send())
  app.get('/gp/css/order-history', (request, reply) =>
    shop.isIn(request)
      ? show(reply, ordersPage('Alice'))
      : reply.redirect('/ap/signin?openid.return_to=%2Fgp%2Fcss%2Forder-history'),
  )
  app.get('/gp/flex/sign-out.html', (request, reply) => {
    shop.end(request, reply)
    return reply.redirect('/ap/signin')
  })
}
