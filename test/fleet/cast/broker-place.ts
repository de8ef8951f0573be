import { type BrokerProcess, type BrokerProcessOptions, startBroker } from '@session-broker/stage/broker'

/** One place of a broker: after a kill another process starts there, with the same address, key and folder. */
export interface BrokerPlace {
  url: string
  isRunning(): boolean
  /** kill -9; resolves when the next one is ready. */
  kill(): Promise<void>
  close(): Promise<void>
}

export async function startPlace(options: BrokerProcessOptions): Promise<BrokerPlace> {
  let running: BrokerProcess | undefined = await startBroker(options)
  const { url } = running
  return {
    url,
    isRunning: () => running !== undefined,
    async kill() {
      const killed = running
      running = undefined
      await killed?.kill9()
      running = await startBroker(options)
    },
    async close() {
      await running?.close()
    },
  }
}
