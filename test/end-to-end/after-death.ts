import type { Test } from 'tap'
import { failurePolicies } from '../../apps/broker/src/session/failure-policy.ts'
import type { LoginAttempt } from '../../apps/broker/src/session/login-history.ts'
import type { Snapshot } from '../../apps/broker/src/session/ports/session-store.ts'
import { type Asked, assemble, type Cast } from './dying-cast.ts'
import { type Ending, endings, type LoginStep, loginSteps } from './login-steps.ts'

export interface Scenario {
  step: LoginStep
  /** Each on its way to the ending of its name; all die together. */
  sessions: readonly string[]
  redisUrl?: string | undefined
  browser?: boolean
  loginTimeout?: string
}

/** A broker dies at a step of its second logins; what the next one on the same data finds, and that it goes on from there. */
export async function tellOfDeath(t: Test, scenario: Scenario): Promise<void> {
  const { sessions, step } = scenario
  const cast = await dieAt(t, scenario)
  const next = await cast.startNext()
  t.jobs = sessions.length
  await Promise.all(
    sessions.map((session) =>
      t.test(session, { buffered: true }, async (t) => {
        const ending = endings[session]
        const place = cast.places.get(session)
        const site = cast.sites.get(session)
        if (!ending || !place || !site) throw new Error(`no ${session}`)
        const read = () => next.store.read(place)
        await livesOn(
          { t, session, site, env: cast.env, asked: next, read },
          { step, ending, ...sentBy(ending, step) },
        )
      }),
    ),
  )
  await next.stop()
}

async function dieAt(
  t: Test,
  { step, sessions, redisUrl, browser = false, loginTimeout }: Scenario,
): Promise<Cast> {
  const cast = await assemble(t, { sessions, redisUrl, loginTimeout })
  const dying = await cast.startDying({ step, sessions, fromGeneration: 1, browser })
  const first = await Promise.all(sessions.map((session) => dying.refresh(session)))
  for (const { body } of first) t.match(body, { generation: 1, outcome: 'renewed' })
  for (const [session, site] of cast.sites) {
    const { mode = 'ok', isLate } = endings[session] ?? {}
    site.killSessions()
    site.change({ mode, loginDelayMs: isLate ? 5_500 : 0 })
  }
  // Forced, since nobody asks a site that is down whether the session lives.
  const asked = sessions.map((session) => dying.refresh(session, { force: true }).catch(() => undefined))
  await dying.death()
  await Promise.all(asked)
  return cast
}

interface Death {
  step: LoginStep
  ending: Ending
  /** It was allowed to send its secrets. */
  isPermitted: boolean
  /** They have come to the site. */
  isAtSite: boolean
}

function sentBy({ steps }: Ending, step: LoginStep): Pick<Death, 'isPermitted' | 'isAtSite'> {
  const isPast = (other: LoginStep) =>
    steps.includes(other) && loginSteps.indexOf(step) >= loginSteps.indexOf(other)
  return { isPermitted: isPast('after_permit'), isAtSite: isPast('after_post') }
}

/** How the store has to know the login that died. */
function phaseOf({ step, isPermitted }: Death): LoginAttempt['phase'] {
  if (step === 'after_fail') return 'failed'
  // Of the first login.
  if (step === 'before_begin') return 'committed'
  if (step === 'after_commit') return 'committed'
  return isPermitted ? 'permitted' : 'begun'
}

interface After {
  t: Test
  session: string
  site: NonNullable<ReturnType<Cast['sites']['get']>>
  env: Cast['env']
  asked: Asked
  read(): Promise<Snapshot>
}

async function livesOn(after: After, death: Death): Promise<void> {
  const { t, session, site, asked, read } = after
  const { attempt } = await seeWhatIsKept(after, death)
  if (death.step === 'after_commit') return seeNoFurtherLogin(after)
  site.change({ mode: 'ok', loginDelayMs: 0 })
  if (death.ending.class === 'bad_credentials') site.setPassword(site.username, 'another')
  if (death.step === 'after_fail') await seeRestraint(after, death)
  if (death.ending.class === 'bad_credentials') after.env[`PASSWORD_${session}`] = 'another'

  const { body } = await asked.refresh(session)
  t.match(body, { generation: 2 }, `the next login works: ${body.detail ?? body.outcome}`)
  const { attempt: next, submissions } = await read()
  t.ok((next?.startedAtMs ?? 0) >= (attempt?.permitEndsAtMs ?? 0), 'not before the permit was over')
  const { loginsStarted } = site.stats()
  t.equal(loginsStarted, death.isAtSite ? 3 : 2)
  t.ok(submissions.length >= loginsStarted, 'and none is missing in the store')
}

async function seeWhatIsKept({ t, session, site, asked, read }: After, death: Death): Promise<Snapshot> {
  const known = await read()
  const { loginsStarted } = site.stats()
  t.equal(loginsStarted, death.isAtSite ? 2 : 1, 'so many came to the site')
  t.equal(known.submissions.length, death.isPermitted ? 2 : 1, 'so many are counted')
  t.ok(known.submissions.length >= loginsStarted, 'none at the site is missing in the store')
  t.equal(known.attempt?.phase, phaseOf(death))
  const { body } = await asked.cookies(session)
  t.equal(body.generation, death.step === 'after_commit' ? 2 : 1, 'what was published last is served')
  return known
}

async function seeNoFurtherLogin({ t, session, site, asked }: After): Promise<void> {
  t.match((await asked.refresh(session, { generation: 1 })).body, { generation: 2, outcome: 'newer' })
  t.match((await asked.refresh(session)).body, { generation: 2, outcome: 'alive' })
  t.equal(site.stats().loginsStarted, 2)
}

/** The failure was stored before the broker died: the next login is refused, until somebody has done something about it. */
async function seeRestraint({ t, session, site, asked }: After, { ending }: Death): Promise<void> {
  const policy = ending.class && failurePolicies[ending.class]
  if (!policy) throw new Error('it does not fail')
  const before = site.stats().loginsStarted
  const { body } = await asked.refresh(session)
  if ('opens' in policy) t.equal(body.code, 'login_locked_out')
  else t.ok(body.code === 'login_backing_off' || body.generation === 2, 'it waits; short times may be over')
  if (body.code !== undefined) t.equal(site.stats().loginsStarted, before, 'without a login')
  // A rejected password is changed instead.
  if (ending.class !== 'bad_credentials') t.equal((await asked.reset(session)).status, 200)
}
