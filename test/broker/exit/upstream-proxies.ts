import { createServer, request } from 'node:http'
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net'
import type { Test } from 'tap'

/** A proxy somewhere else, which wants a name and a password, and counts. */
export interface UpstreamProxy {
  /** With what it wants in it. */
  url: string
  host: string
  /** What it was asked to connect to, as it was named. */
  asked: string[]
  /** Those that it turned away. */
  refused(): number
}

export const proxyUser = { username: 'buyer', password: 'p@ss:word/7Qx' }

/** An HTTP proxy: CONNECT, and whole URLs. */
export async function startHttpProxy(t: Test): Promise<UpstreamProxy> {
  const { username, password } = proxyUser
  const wanted = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const asked: string[] = []
  let refused = 0
  const server = createServer((incoming, outgoing) => {
    if (incoming.headers['proxy-authorization'] !== wanted) {
      refused++
      outgoing.writeHead(407, { 'proxy-authenticate': 'Basic realm="up"' }).end()
      return
    }
    asked.push(new URL(incoming.url ?? '').host)
    const { method, headers } = incoming
    const onward = request(incoming.url ?? '', { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    incoming.pipe(onward)
  })
  server.on('connect', ({ url = '', headers }, socket: Socket) => {
    if (headers['proxy-authorization'] !== wanted) {
      refused++
      socket.end('HTTP/1.1 407 No\r\nproxy-authenticate: Basic realm="up"\r\ncontent-length: 0\r\n\r\n')
      return
    }
    asked.push(url)
    const { hostname, port } = new URL(`http://${url}`)
    join(socket, { host: hostname, port: Number(port), hello: 'HTTP/1.1 200 OK\r\n\r\n' })
  })
  const host = await listen(t, server)
  return { url: `http://${userInUrl()}@${host}`, host, asked, refused: () => refused }
}

/** A SOCKS proxy, version 5 (RFC 1928, RFC 1929). */
export async function startSocksProxy(t: Test): Promise<UpstreamProxy> {
  const asked: string[] = []
  let refused = 0
  const server = createTcpServer(async (socket) => {
    socket.on('error', () => socket.destroy())
    const read = readerOf(socket)
    const [, methods = 0] = await read(2)
    await read(methods)
    socket.write(Buffer.from([5, 2]))
    const [, nameLength = 0] = await read(2)
    const name = (await read(nameLength)).toString()
    const [secretLength = 0] = await read(1)
    const secret = (await read(secretLength)).toString()
    if (name !== proxyUser.username || secret !== proxyUser.password) {
      refused++
      socket.end(Buffer.from([1, 1]))
      return
    }
    socket.write(Buffer.from([1, 0]))
    const [, , , kind] = await read(4)
    const host = kind === 3 ? (await read((await read(1))[0] ?? 0)).toString() : (await read(4)).join('.')
    const port = (await read(2)).readUInt16BE()
    asked.push(`${host}:${port}`)
    join(socket, { host, port, hello: Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]) })
  })
  const host = await listen(t, server)
  return { url: `socks5://${userInUrl()}@${host}`, host, asked, refused: () => refused }
}

function userInUrl(): string {
  return `${proxyUser.username}:${encodeURIComponent(proxyUser.password)}`
}

function join(socket: Socket, to: { host: string; port: number; hello: string | Uint8Array }): void {
  const onward = connect(to.port, to.host, () => {
    socket.write(to.hello)
    socket.pipe(onward).pipe(socket)
  })
  onward.on('error', () => socket.destroy())
  socket.on('error', () => onward.destroy())
  socket.on('close', () => onward.destroy())
}

/** Exactly so many bytes, as soon as they are there. */
function readerOf(socket: Socket) {
  return async (size: number): Promise<Buffer> => {
    if (size === 0) return Buffer.alloc(0)
    for (;;) {
      const piece: Buffer | null = socket.read(size)
      if (piece) return piece
      await new Promise((resolve) => socket.once('readable', resolve))
    }
  }
}

async function listen(t: Test, server: Server): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}
