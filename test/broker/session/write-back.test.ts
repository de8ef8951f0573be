import { systemClock } from '@session-broker/program/clock'
import { type Cookie, ProblemError, type SessionState } from '@session-broker/shared'
import t, { type Test } from 'tap'
import type { ChallengeBoard } from '../../../apps/broker/src/session/ports/challenge-board.ts'
import type { LoginMutex } from '../../../apps/broker/src/session/ports/login-mutex.ts'
import type { SessionStore } from '../../../apps/broker/src/session/ports/session-store.ts'
import { SiteUnreachableError } from '../../../apps/broker/src/session/ports/site-look.ts'
import { overBothStores } from './over-both-stores.ts'
import { startSession } from './scripted-site.ts'

/** A lock that holds nobody off: only the store is left to keep two apart. */
const lyingMutex: LoginMutex = {
  tryAcquire: async () => ({ validForMs: () => 4_000, release: async () => undefined }),
  close: async () => undefined,
}

const sid = (value: string): Cookie[] => [
  {
    ...{ name: 'sid', value, domain: '.shop.example', path: '/', expires: -1 },
    ...{ httpOnly: true, secure: true },
  },
]
const rotatedTo = (value: string) => (state: SessionState) => ({ ...state, cookies: sid(value) })

function outcomeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'published',
    (error: unknown) => (error instanceof ProblemError ? error.code : String(error)),
  )
}

/** Something that waits until it is let go. */
function gate() {
  const reached = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<void>()
  return {
    reached: reached.promise,
    open: opened.resolve,
    async pass() {
      reached.resolve()
      await opened.promise
    },
  }
}

function writesBack(t: Test, store: SessionStore & ChallengeBoard): void {
  const ground = { store, clock: { ...systemClock, random: () => 0.5 } }
  const start = async (t: Test, part: { mutex?: LoginMutex; writeBack?: boolean } = {}) => {
    const session = await startSession(t, ground, { writeBack: true, ...part })
    session.site.know('v1')
    return session
  }

  t.test('the next revision of the generation, for every broker, and no login', async (t) => {
    const { broker, other, site, definition } = await start(t)
    t.match(await broker.writeBack(sid('v1')), { generation: 1, revision: 1, isFirst: false })
    t.equal(broker.sid(), 'v1')
    const { status, generation, revision, budget } = await other.summary()
    t.match({ status, generation, revision }, { status: 'live', generation: 1, revision: 1 })
    t.equal(budget.loginsLeft, definition.budget.loginsPerDay - 1, 'that of the first')
    t.match(await other.refresh(), { generation: 1, outcome: 'alive' })
    t.equal(site.logins(), 1)
  })

  t.test('what the check’s own answer makes of it is what is published', async (t) => {
    const { broker, other, site } = await start(t)
    site.whileLooking(rotatedTo('v2'))
    await broker.writeBack(sid('v1'))
    t.equal(broker.sid(), 'v2')
    await other.summary()
    t.equal(other.sid(), 'v2')
  })

  t.test('of eight at once with the same condition one wins, at two brokers', async (t) => {
    for (const mutex of [undefined, lyingMutex]) {
      const { broker, other, site } = await start(t, mutex ? { mutex } : {})
      for (let index = 0; index < 8; index++) site.know(`w${index}`)
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          outcomeOf((index % 2 ? broker : other).writeBack(sid(`w${index}`))),
        ),
      )
      t.equal(outcomes.filter((outcome) => outcome === 'published').length, 1)
      t.equal(outcomes.filter((outcome) => outcome === 'precondition_failed').length, 7)
      t.match(await broker.summary(), { generation: 1, revision: 1 })
      t.equal(broker.sid(), `w${outcomes.indexOf('published')}`)
      if (!mutex) t.equal(site.mostLooks(), 1, 'the site is shown one at a time')
    }
  })

  t.test('the site is shown no two revisions at once: a check waits for it', async (t) => {
    const { broker, other, site } = await start(t)
    const looking = gate()
    site.whileLooking(async (state) => {
      await looking.pass()
      return state
    })
    const writing = broker.writeBack(sid('v1'))
    await looking.reached
    const checking = other.refresh()
    looking.open()
    t.match(await writing, { revision: 1 })
    t.match(await checking, { generation: 1, revision: 1, outcome: 'alive' })
    t.equal(site.mostLooks(), 1)
  })

  t.test('a login that is published meanwhile wins, whatever the lock says', async (t) => {
    const { broker, other, site } = await start(t, { mutex: lyingMutex })
    const looking = gate()
    site.whileLooking(async (state) => {
      if (state.cookies.length > 0) await looking.pass()
      return state
    })
    const writing = outcomeOf(broker.writeBack(sid('v1')))
    await looking.reached
    t.match(await other.refresh('operator'), { generation: 2, outcome: 'renewed' })
    looking.open()
    t.equal(await writing, 'precondition_failed')
    t.match(await broker.summary(), { generation: 2, revision: 0 })
    t.equal(broker.sid(), undefined, 'that of the login')
  })

  t.test('one that is published during a login is replaced by it', async (t) => {
    const { broker, other, site } = await start(t, { mutex: lyingMutex })
    const login = gate()
    site.script(async (job) => {
      await job.requestPermit()
      await login.pass()
      job.confirmPermit()
      return job.prove({ state: site.signInByHand(), landedUrl: 'https://shop.example/' })
    })
    const refresh = broker.refresh('operator')
    await login.reached
    t.match(await other.writeBack(sid('v1')), { generation: 1, revision: 1 })
    login.open()
    t.match(await refresh, { generation: 2, revision: 0, outcome: 'renewed' })
  })

  t.test('a Chrome that was signed out replaces nothing', async (t) => {
    const { broker, site } = await start(t)
    await broker.writeBack(sid('v1'))
    t.equal(await outcomeOf(broker.writeBack(sid('of-nobody'))), 'state_not_signed_in')
    t.equal(await outcomeOf(broker.writeBack([])), 'state_not_signed_in')
    t.match(await broker.summary(), { generation: 1, revision: 1, status: 'live' })
    t.equal(broker.sid(), 'v1')
    t.equal(site.logins(), 1)
  })

  t.test('nothing is published where the site does not tell', async (t) => {
    const { broker, site } = await start(t)
    site.whileLooking(() => {
      throw new SiteUnreachableError('away')
    })
    t.equal(await outcomeOf(broker.writeBack(sid('v1'))), 'check_unclear')
    t.match(await broker.summary(), { generation: 1, revision: 0 })
  })

  t.test('only in the place of a state, and of the one that it names', async (t) => {
    const { broker } = await start(t)
    t.equal(await outcomeOf(broker.writeBack(sid('v1'), 'none')), 'request_invalid')
    t.equal(await outcomeOf(broker.writeBack(sid('v1'), ['1.0-other'])), 'precondition_failed')
    t.match(await broker.summary(), { revision: 0 })
  })

  t.test('it is off unless the session has it on', async (t) => {
    const { broker } = await start(t, { writeBack: false })
    t.equal(await outcomeOf(broker.writeBack(sid('v1'))), 'write_back_off')
  })

  t.test(
    'a site that was seen to rotate is checked on where it is written back, and nowhere else',
    async (t) => {
      for (const [writeBack, checksPaused] of [
        [true, null],
        [false, /changes the session’s cookies in use/],
      ] as const) {
        const { broker, site } = await start(t, { writeBack })
        site.know('v2')
        await broker.capture({ userAgent: 'by hand', cookies: sid('v1'), origins: [] })
        t.equal((await broker.summary()).checksPaused, null, 'not seen yet')
        site.whileLooking(rotatedTo('v2'))
        t.match(await broker.refresh(), { generation: 2, revision: 1, outcome: 'alive' })
        t.match((await broker.summary()).checksPaused, checksPaused)
      }
    },
  )
}

overBothStores(t, writesBack)
