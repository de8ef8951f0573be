import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { closeHttpServer } from '../../../apps/broker/src/http/close-http-server.ts'
import { bearer, buildTestServer } from './build-test-server.ts'

const run = promisify(execFile)

t.test('with a certificate the broker speaks TLS and nothing else', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tls-test-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const files = ['-keyout', keyFile, '-out', certFile]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1']
  await run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    ...files,
    ...subject,
  ])
  const cert = await readFile(certFile, 'utf8')

  const { app, close } = await buildTestServer({
    options: { tls: { cert, key: await readFile(keyFile, 'utf8') } },
  })
  t.teardown(close)
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  t.match(origin, /^https:/)
  const status = await new Promise((resolve, reject) => {
    const headers = bearer('reader')
    request(`${origin}/session?session=shop`, { ca: cert, headers }, (answer) =>
      resolve(answer.resume().statusCode),
    )
      .on('error', reject)
      .end()
  })
  t.equal(status, 200)
  await t.rejects(fetch(origin.replace('https', 'http')))

  const { hostname, port } = new URL(origin)
  const silent = connect(Number(port), hostname)
  t.teardown(() => silent.destroy())
  await once(silent, 'connect')
  const startMs = performance.now()
  await closeHttpServer(app)
  t.ok(performance.now() - startMs < 20_000, 'who speaks no TLS does not hold up the end')
})
