import { setTimeout as delay } from 'node:timers/promises'
import type { SessionState } from '@session-broker/shared'
import type { SiteStats } from '@session-broker/stage/site'
import { openBackend } from '../../apps/broker/src/app/open-backend.ts'
import { openBrowser } from '../../apps/broker/src/app/open-browser.ts'
import type { BrokerParts } from '../../apps/broker/src/app/open-sessions.ts'
import { startBroker } from '../../apps/broker/src/app/start-broker.ts'
import { createBrokerLog } from '../../apps/broker/src/cli/log.ts'
import { loadConfig } from '../../apps/broker/src/config/load-config.ts'
import type { SessionStore } from '../../apps/broker/src/session/ports/session-store.ts'
import { openWithoutBrowser } from '../sites/http-login.ts'
import type { DyingPlan, LoginStep } from './login-steps.ts'

// The real broker in a process of its own, which kills itself, as kill -9 does, at a named step of its logins.
const plan: DyingPlan = JSON.parse(process.env.DYING_PLAN ?? '')
const armed = new Set<string>()
const arrived = new Set<string>()

/** Goes on at once, unless this is where the login has to stop: then never. */
async function pass(step: LoginStep, session: string): Promise<void> {
  if (step !== plan.step || !armed.has(session)) return
  arrived.add(session)
  if (plan.sessions.every((each) => arrived.has(each))) process.kill(process.pid, 'SIGKILL')
  await new Promise(() => undefined)
}

function dyingStore(store: SessionStore): SessionStore {
  return {
    ...store,
    async beginLogin(place, login) {
      if (login.fromGeneration >= plan.fromGeneration) armed.add(place.session)
      await pass('before_begin', place.session)
      const answer = await store.beginLogin(place, login)
      if (answer.begun) await pass('after_begin', place.session)
      return answer
    },
    async grantPermit(place, permit) {
      await pass('before_permit', place.session)
      const answer = await store.grantPermit(place, permit)
      await pass('after_permit', place.session)
      return answer
    },
    async commitLogin(place, login) {
      await pass('before_commit', place.session)
      const outcome = await store.commitLogin(place, login)
      await pass('after_commit', place.session)
      return outcome
    },
    async failLogin(place, report) {
      await pass('before_fail', place.session)
      await store.failLogin(place, report)
      await pass('after_fail', place.session)
    },
    async abandonLogin(place, login) {
      await pass('before_fail', place.session)
      await store.abandonLogin(place, login)
      await pass('after_fail', place.session)
    },
  }
}

async function loginsAt(session: string): Promise<number> {
  const { url = '', adminToken = '' } = plan.sites[session] ?? {}
  const answer = await fetch(`${url}/_admin/stats`, { headers: { authorization: `Bearer ${adminToken}` } })
  return ((await answer.json()) as SiteStats).loginsStarted
}

const dyingBrowser: BrokerParts['openBrowser'] = async (config, surroundings) => {
  const open = plan.browser ? openBrowser : openWithoutBrowser
  const work = await open(config, surroundings)
  const captured = new Map<SessionState, string>()
  return {
    ...work,
    async siteLogin(job) {
      const { session } = job.definition
      const before = await loginsAt(session)
      const login = work.siteLogin({
        ...job,
        prove(result) {
          captured.set(result.state, session)
          return job.prove(result)
        },
      })
      login.catch(() => undefined)
      if (plan.step === 'after_post' && armed.has(session)) {
        while ((await loginsAt(session)) === before) await delay(5)
        await pass('after_post', session)
      }
      return login
    },
    async look(request) {
      const session = request.state && captured.get(request.state)
      if (session !== undefined) await pass('before_check', session)
      return work.look(request)
    },
  }
}

const { url } = await startBroker(
  {
    config: await loadConfig({ file: plan.config, cwd: process.cwd(), insecureNoAuth: true }),
    env: process.env,
    log: createBrokerLog({ level: 'info' }),
    insecureNoAuth: true,
    version: '0.0.0',
  },
  {
    openBrowser: dyingBrowser,
    async openBackend(...given) {
      const backend = await openBackend(...given)
      return { ...backend, store: { ...backend.store, ...dyingStore(backend.store) } }
    },
  },
)
process.stdout.write(`${url}\n`)
