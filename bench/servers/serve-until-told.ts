import type { FastifyInstance } from 'fastify'

/** What a server under test tells its bench: where it listens, and the CPU it has used so far. */
export interface ServerReport {
  port: number
  etag: string
  cpuMicros: number
}

/** Listens and answers the bench's questions over the process channel; ends with it, and what it stands on after it. */
export async function serveUntilTold(
  app: FastifyInstance,
  { etag, close }: { etag: string; close?: () => Promise<void> },
): Promise<void> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  const [address] = app.addresses()
  const report = () => {
    const { user, system } = process.cpuUsage()
    process.send?.({
      port: typeof address === 'object' ? address.port : 0,
      etag,
      cpuMicros: user + system,
    } satisfies ServerReport)
  }
  process.on('message', report)
  process.on('disconnect', async () => {
    await app.close()
    await close?.()
  })
  report()
}
