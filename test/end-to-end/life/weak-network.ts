import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands between a worker and its broker. */
export interface WeakNetwork {
  url: string
  /** Connections break, and new ones are refused. */
  cut(): void
  /** Nothing arrives any more, in either direction; nobody is told. */
  swallow(): void
  /** Each way takes so long. */
  delay(ms: number): void
  /** Well again. What was swallowed stays lost, and its connections with it. */
  heal(): void
  /** From now on it leads to another port. */
  leadTo(port: number): void
  close(): Promise<void>
}

export async function startWeakNetwork(firstPort: number): Promise<WeakNetwork> {
  const pairs = new Set<[Socket, Socket]>()
  let port = firstPort
  let mood: 'well' | 'cut' | 'swallowing' = 'well'
  let delayMs = 0
  const breakAll = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy()
  }

  const server = createServer((near) => {
    if (mood === 'cut') {
      near.destroy()
      return
    }
    const far = connect({ port, host: '127.0.0.1' })
    const pair: [Socket, Socket] = [near, far]
    pairs.add(pair)
    const isSwallowed = mood === 'swallowing'
    const carry = (to: Socket) => (chunk: Buffer) => {
      if (mood === 'swallowing' || isSwallowed) return
      setTimeout(() => to.writable && to.write(chunk), delayMs)
    }
    near.on('data', carry(far))
    far.on('data', carry(near))
    for (const socket of pair) {
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        pairs.delete(pair)
        // A network that swallows hides the end as well.
        if (mood !== 'swallowing') for (const each of pair) each.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      mood = 'cut'
      breakAll()
    },
    swallow() {
      mood = 'swallowing'
    },
    delay(ms) {
      delayMs = ms
    },
    heal() {
      mood = 'well'
      breakAll()
    },
    leadTo(next) {
      port = next
    },
    async close() {
      server.close()
      breakAll()
      await once(server, 'close')
    },
  }
}
