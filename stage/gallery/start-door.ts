import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify, { type FastifyInstance } from 'fastify'
import { createDesk } from './desk/desk.ts'
import { createDoorCounters, type DoorStats } from './desk/door-stats.ts'
import type { Mood } from './desk/mood.ts'
import { createSecondFactor } from './desk/second-factor.ts'
import type { DoorPlan } from './door-plan.ts'

/** A login page that runs, with what a test may know of it. */
export interface Door extends Omit<DoorPlan, 'serve' | 'serveElsewhere' | 'moods' | 'endsIn' | 'keptIn'> {
  /** Its origin, without a slash at its end; no two doors share a cookie jar. */
  readonly url: string
  readonly loginUrl: string
  readonly password: string
  /** For the authenticator app, in base32; absent where none is asked for. */
  readonly totpSecret?: string
  readonly moods: readonly Mood[]
  readonly endsIn: NonNullable<DoorPlan['endsIn']>
  readonly keptIn: NonNullable<DoorPlan['keptIn']>
  stats(): DoorStats
  /** As just opened: counters at nought, the mood `ok`, no sessions, nothing begun. Password and secret stay. */
  forget(): void
  /** @throws where the door has no such mood. */
  setMood(mood: Mood): void
  /** Waits for a mail where codes are mailed. */
  nextCode(): Promise<string>
  approve(): void
  /** Whether a browser's state, as `storageState` gives it, holds a session that is alive here. */
  isSignedIn(state: object): boolean
  close(): Promise<void>
}

const everyDoor: readonly Mood[] = ['ok', 'down', 'hanging']
const pollMs = 20

/** Opens one door on two addresses of its own: `127.42.<site>.<number>`. */
export async function startDoor(plan: DoorPlan, number: number): Promise<Door> {
  const { name, username, says, secondFactor, serve, serveElsewhere, ...told } = plan
  const password = `${randomBytes(9).toString('base64url')}-7`
  const counters = createDoorCounters()
  const factor = createSecondFactor(secondFactor)
  const sessions = new Set<string>()
  const moods = [...everyDoor, ...(plan.moods ?? [])]
  const origins = { url: '', elsewhere: '' }
  let mood: Mood = 'ok'
  let isClosing = false

  const desk = createDesk({
    username,
    password,
    counters,
    factor,
    says,
    mood: () => mood,
    origins,
    sessions,
  })
  const build = (routes: (app: FastifyInstance) => void) => {
    const app = buildApp(async () => {
      while (mood === 'hanging' && !isClosing) await sleep(pollMs)
      return mood === 'down'
    })
    routes(app)
    return app
  }
  const app = build((main) => serve(main, desk))
  const apps = [app]
  origins.url = await listen(app, `127.42.0.${number}`)
  if (serveElsewhere) {
    const second = build((main) => serveElsewhere(main, desk))
    apps.push(second)
    origins.elsewhere = await listen(second, `127.42.1.${number}`)
  }

  return {
    ...told,
    name,
    username,
    says,
    password,
    moods,
    url: origins.url,
    loginUrl: origins.url + plan.loginPath,
    endsIn: plan.endsIn ?? 'signed_in',
    keptIn: plan.keptIn ?? 'cookies',
    ...(secondFactor && { secondFactor }),
    ...(secondFactor === 'totp' && { totpSecret: factor.totpSecret }),
    stats: counters.read,
    forget() {
      counters.forget()
      factor.forget()
      desk.forget()
      mood = 'ok'
    },
    setMood(next) {
      if (!moods.includes(next)) throw new Error(`the door ${name} has no mood ${next}`)
      mood = next
    },
    nextCode: factor.nextCode,
    approve: factor.approve,
    isSignedIn(state) {
      const held = JSON.stringify(state)
      return [...sessions].some((token) => held.includes(token))
    },
    async close() {
      isClosing = true
      await Promise.all(apps.map((each) => each.close()))
    },
  }
}

function buildApp(isDown: () => Promise<boolean>): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true })
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body.toString()))),
  )
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
    if (await isDown())
      return reply.code(503).type('text/html').send('<h1>503 Service Temporarily Unavailable</h1><hr>nginx')
  })
  app.get('/favicon.ico', (_request, reply) => reply.code(204).send())
  return app
}

async function listen(app: FastifyInstance, host: string): Promise<string> {
  await app.listen({ port: 0, host })
  const { port } = app.server.address() as AddressInfo
  return `http://${host}:${port}`
}
