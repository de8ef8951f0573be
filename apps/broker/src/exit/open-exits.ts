import { randomBytes } from 'node:crypto'
import type { SiteExits } from '../session/ports/site-exit.ts'
import { ExitServer } from './exit-server.ts'
import { type ExitsOptions, type OpenedExit, openExit } from './open-exit.ts'

const doorbellHost = 'session-broker.invalid'

/** Opens the proxy that everything to the sites goes through, on a free port of loopback. */
export async function openExits(options: ExitsOptions): Promise<SiteExits & { close(): Promise<void> }> {
  const opened = new Map<string, OpenedExit>()
  const server = new ExitServer({
    host: '127.0.0.1',
    port: 0,
    authRealm: 'session-broker',
    async prepareRequestFunction({ request, username, password, hostname, port, isHttp }) {
      const exit = opened.get(username)
      if (exit?.password !== password) return { requestAuthentication: true }
      if (isHttp && hostname === doorbellHost)
        return { customResponseFunction: () => ({ statusCode: 204, body: '' }) }
      return exit.letThrough({ request, host: hostname.replace(/^\[|\]$/g, ''), port, isHttp })
    },
  })
  await server.listen()
  let closing: Promise<void> | undefined

  return {
    server: `http://127.0.0.1:${server.port}`,
    doorbell: `http://${doorbellHost}/`,
    async open(request) {
      const names = { username: randomBytes(9).toString('hex'), password: randomBytes(24).toString('hex') }
      const exit = await openExit({ ...options, ...request, ...names })
      opened.set(exit.username, exit)
      return {
        ...exit,
        close() {
          opened.delete(exit.username)
          exit.close()
        },
      }
    },
    close() {
      for (const exit of opened.values()) exit.close()
      closing ??= server.close(true)
      return closing
    },
  }
}
