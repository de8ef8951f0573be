import t from 'tap'
import { createBrokerLog } from '../../../apps/broker/src/cli/log.ts'

t.test('what operators do is written with --log-level error too', async (t) => {
  const lines: object[] = []
  const log = createBrokerLog({ level: 'error', write: (line) => lines.push(JSON.parse(line)) })
  log.info({ session: 'shop' }, 'logged in')
  log.audit({ session: 'shop', key: 'ops', password: 'cAn4ry' } as object, 'reset')
  log.error({}, 'failed')
  t.match(lines, [
    { audit: true, session: 'shop', key: 'ops', message: 'reset' },
    { level: 'error', message: 'failed' },
  ])
  t.notMatch(JSON.stringify(lines), 'cAn4ry')
})
