import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands between one broker and Redis. */
export interface LossyProxy {
  port: number
  /** From now on what is asked still arrives, and no answer comes back. */
  dropReplies(): void
  /** Answers come back again, over new connections: those that lost some are cut. */
  heal(): void
  close(): Promise<void>
}

export async function startLossyProxy(targetPort: number): Promise<LossyProxy> {
  const pairs = new Set<[Socket, Socket]>()
  let isLossy = false
  const cutAll = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy()
  }

  const server = createServer((near) => {
    const far = connect({ port: targetPort, host: '127.0.0.1' })
    const pair: [Socket, Socket] = [near, far]
    pairs.add(pair)
    near.on('data', (chunk) => far.write(chunk))
    far.on('data', (chunk) => isLossy || near.write(chunk))
    for (const socket of pair) {
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        pairs.delete(pair)
        for (const each of pair) each.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    dropReplies() {
      isLossy = true
    },
    heal() {
      isLossy = false
      cutAll()
    },
    async close() {
      server.close()
      cutAll()
      await once(server, 'close')
    },
  }
}
