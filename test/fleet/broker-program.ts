/** The real broker, but for the browser that it signs in with: plain HTTP, so that a login takes milliseconds. */
import { parseArgs } from 'node:util'
import { openBackend } from '../../apps/broker/src/app/open-backend.ts'
import { startBroker } from '../../apps/broker/src/app/start-broker.ts'
import { createBrokerLog } from '../../apps/broker/src/cli/log.ts'
import { loadConfig } from '../../apps/broker/src/config/load-config.ts'
import { openWithoutBrowser } from '../sites/http-login.ts'

const { values } = parseArgs({ options: { config: { type: 'string', default: '' } }, allowPositionals: true })
const running = await startBroker(
  {
    config: await loadConfig({ file: values.config, cwd: process.cwd() }),
    env: process.env,
    log: createBrokerLog({ level: 'warn' }),
    insecureNoAuth: false,
    version: '0.0.0',
  },
  { openBackend, openBrowser: openWithoutBrowser },
)
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)))
