import { startBroker } from '@session-broker/stage/broker'
import { type LocalSite, startSite } from '@session-broker/stage/site'
import t from 'tap'
import { failurePolicies } from '../../apps/broker/src/session/failure-policy.ts'
import { endings } from './login-steps.ts'

// Each class of failure that the local site can provoke, with a real broker and its real browser: one login to each of many sites,
// three at once.

// The one that has to wait for its time to be over is begun first and looked at last.
const failing = Object.entries(endings)
  .filter(([, ending]) => ending.class !== undefined)
  .toSorted(([, one], [, other]) => Number(one.isLate ?? false) - Number(other.isLate ?? false))
const sites: Record<string, LocalSite> = {}
for (const [session, { mode, isLate }] of failing) {
  const site = await startSite({ mode, loginDelayMs: isLate ? 60_000 : 0 })
  t.teardown(() => site.close())
  sites[session] = site
}
const broker = await startBroker({
  sites,
  ...{ loginTimeout: '25s', maxLogins: 3, challenges: { timeout: '10s' } },
})
t.teardown(() => broker.close())

const late = failing.slice(-1)
const others = failing.slice(0, -1)
const first = new Map([...late, ...others].map(([session]) => [session, broker.refresh({}, { session })]))
// Then whoever asks again waits for no free place.
await Promise.all(others.map(([session]) => first.get(session)))

for (const [session, ending] of failing) {
  t.test(`${session}: ${ending.class}`, async (t) => {
    const policy = failurePolicies[ending.class ?? 'unknown']
    const isLockedOut = 'opens' in policy
    const isSent = ending.steps.includes('after_post')
    // Whoever is asked may send it, too.
    const isCounted = isSent || ending.class === 'captcha'
    const answer = await first.get(session)
    t.equal(answer?.body.code, `login_${ending.class}`)
    t.equal(sites[session]?.stats().loginsStarted, isSent ? 1 : 0, 'so often the password was sent')

    const { body } = await broker.call(`/session?session=${session}`)
    t.match(body, {
      status: 'absent',
      budget: isCounted ? { loginsLeft: 9, failedLeft: 2 } : { loginsLeft: 10 },
    })
    t.match(body.login, { class: ending.class, since: String })
    const again = await broker.refresh({}, { session, headers: { prefer: 'wait=0' } })
    if (isLockedOut) {
      t.match(body.login, { phase: 'locked_out' })
      t.match(again, { status: 409, body: { code: 'login_locked_out' } })
      t.equal(sites[session]?.stats().loginsStarted, 1, 'and not once more')
    } else if (again.status === 503) {
      // Back-off is spread over all of its time: now and then it is over already.
      t.equal(again.body.code, 'login_backing_off')
      t.equal(Number(again.headers.get('retry-after')), again.body.retryAfterSeconds)
    } else t.equal(again.status, 202)
  })
}

t.test('nothing of it holds a password', async (t) => {
  for (const { password } of Object.values(sites)) t.notOk(broker.said().includes(password))
})
