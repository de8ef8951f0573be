/** A broker of the chaos run: the real one, with its store written down and, unless told otherwise, no browser. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBackend } from '../../../apps/broker/src/app/open-backend.ts'
import { openBrowser } from '../../../apps/broker/src/app/open-browser.ts'
import type { BrokerParts } from '../../../apps/broker/src/app/open-sessions.ts'
import { startBroker } from '../../../apps/broker/src/app/start-broker.ts'
import { createBrokerLog } from '../../../apps/broker/src/cli/log.ts'
import { loadConfig } from '../../../apps/broker/src/config/load-config.ts'
import { loadSecretKey } from '../../../apps/broker/src/seal/load-secret-key.ts'
import { createStateSealer } from '../../../apps/broker/src/seal/state-sealer.ts'
import type { SessionStore } from '../../../apps/broker/src/session/ports/session-store.ts'
import type { SiteLogin } from '../../../apps/broker/src/session/ports/site-login.ts'
import { openWithoutBrowser } from '../../sites/http-login.ts'
import { openHistoryFile } from '../history/history-file.ts'
import { httpSignIn } from './http-sign-in.ts'
import { recordStore } from './record-store.ts'
import { guards, removeGuard } from './remove-guard.ts'
import { createStopPoints } from './stop-points.ts'

const { CHAOS_FOLDER: folder = '', CHAOS_BROKER: broker = '', CHAOS_WITHOUT, CHAOS_CHROMIUM } = process.env
const place = broker.split('.')[0] ?? ''
const config = await loadConfig({ file: join(folder, `${place}.yaml`), cwd: folder })
const secretKey = await loadSecretKey({ value: process.env.SECRET_KEY, folder })
const sealer = createStateSealer({ keys: [secretKey] })
const history = openHistoryFile(folder, broker)
const reach = createStopPoints(folder, place)
const log = createBrokerLog({
  level: 'info',
  write: (line) => appendFileSync(join(folder, `${broker}.log`), line),
})

function stoppable(siteLogin: SiteLogin): SiteLogin {
  return (job) => {
    reach('begun')
    return siteLogin({
      ...job,
      async requestPermit() {
        reach('permitting')
        await job.requestPermit()
        reach('permitted')
      },
      confirmPermit() {
        job.confirmPermit()
        history.pressed(job.definition)
      },
      prove(result) {
        reach('answered')
        return job.prove(result)
      },
    })
  }
}

function stoppableStore<Store extends SessionStore>(store: Store): Store {
  return {
    ...store,
    commitLogin(at, login) {
      reach('committing')
      return store.commitLogin(at, login)
    },
  }
}

const parts: BrokerParts = {
  async openBackend(...args) {
    const backend = await openBackend(...args)
    const recorded = { ...backend, store: recordStore(backend.store, { history, sealer }) }
    const guarded = removeGuard(
      recorded,
      guards.find((guard) => guard === CHAOS_WITHOUT),
      sealer,
    )
    return { ...guarded, store: stoppableStore(guarded.store) }
  },
  async openBrowser(...args) {
    if (CHAOS_CHROMIUM) {
      const work = await openBrowser(...args)
      return { ...work, siteLogin: stoppable(work.siteLogin) }
    }
    return { ...(await openWithoutBrowser(...args)), siteLogin: stoppable(httpSignIn) }
  },
}

const running = await startBroker(
  { config, env: process.env, log, insecureNoAuth: false, version: '0.0.0' },
  parts,
)
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)))
console.log(running.url)
