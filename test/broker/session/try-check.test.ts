import type { Sighting } from '@session-broker/shared'
import t from 'tap'
import { type SiteLook, SiteUnreachableError } from '../../../apps/broker/src/session/ports/site-look.ts'
import { createCheckTrial } from '../../../apps/broker/src/session/try-check.ts'
import { defineSession } from './define-session.ts'
import { openGround, startSession } from './scripted-site.ts'

const url = 'https://shop.example/'
const check = { url, in: 'http', expect: { status: 200 } } as const
const { signal } = new AbortController()
const definition = defineSession({ check })

function trialAt(status: number | undefined) {
  const asked: unknown[] = []
  const look: SiteLook = async (request) => {
    asked.push(request.state)
    if (status === undefined) throw new SiteUnreachableError('away')
    const sighting: Sighting = { status, finalUrl: url, body: '' }
    return { sighting }
  }
  return { asked, trial: createCheckTrial(look) }
}

t.test('a check that a stranger does not pass is tried once', async (t) => {
  const { asked, trial } = trialAt(401)
  await trial(definition, signal)
  await trial({ ...definition }, signal)
  t.same(asked, [undefined], 'and with nothing of the session')
})

t.test('one that everybody passes is refused', async (t) => {
  await t.rejects(trialAt(200).trial(definition, signal), {
    code: 'login_misconfigured',
    message: /without the session as well/,
  })
})

t.test('where the site does not tell, it is tried again', async (t) => {
  for (const status of [503, undefined]) {
    const { asked, trial } = trialAt(status)
    await trial(definition, signal)
    await trial(definition, signal)
    t.equal(asked.length, 2)
  }
})

t.test('behind such a check no secret is sent, and what was served stays', async (t) => {
  const { store, clock, passing } = await openGround(t)
  const { broker, site, definition } = await startSession(t, { store, clock })
  const sent: string[] = []
  site.script(async (job) => {
    await job.requestPermit()
    sent.push('password')
    return Promise.reject(new Error('never'))
  })
  definition.check = { ...check, expect: { status: 401 } }
  const problem = await passing(broker.problem('operator'))
  t.equal(problem.code, 'login_misconfigured')
  t.same(sent, [])
  t.equal(broker.served(), 1)
})

t.test('a state that looks anonymous never takes the place of a good one', async (t) => {
  const { store, clock, passing } = await openGround(t)
  const { broker, site } = await startSession(t, { store, clock })
  site.script(async (job) => {
    await job.requestPermit()
    job.confirmPermit()
    return job.prove({ state: { userAgent: 'nobody', cookies: [], origins: [] }, landedUrl: url })
  })
  const problem = await passing(broker.problem('operator'))
  t.equal(problem.code, 'login_not_authenticated')
  t.equal(broker.served(), 1)
  t.match(await broker.summary(), { generation: 1 })
})
