import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { closeHttpServer } from '../../../apps/broker/src/http/close-http-server.ts'
import { buildTestServer } from './build-test-server.ts'

t.test('a client that has sent half a request is cut off', async (t) => {
  const { app, close } = await buildTestServer()
  t.teardown(close)
  const { hostname, port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  const client = connect(Number(port), hostname)
  t.teardown(() => client.destroy())
  client.on('error', () => undefined)
  client.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\nGET /livez HTTP/1.1\r\nHost: ')
  await once(client, 'data')
  const gone = new Promise((resolve) => client.once('close', resolve))
  const startMs = performance.now()
  await closeHttpServer(app)
  await gone
  t.ok(performance.now() - startMs < 15_000, 'long before the time that a request may take')
})
