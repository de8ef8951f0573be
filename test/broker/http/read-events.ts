import { get, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'

export interface ReceivedEvent {
  event?: string
  id?: string
  data?: string
  retry?: string
  comment?: string
}

/** One open event stream, read block by block. */
export interface EventReader {
  response: IncomingMessage
  /** The next block; undefined after the end. */
  next(): Promise<ReceivedEvent | undefined>
  close(): void
}

export async function readEvents(url: string, headers: Record<string, string>): Promise<EventReader> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = get(url, { headers }, resolve).on('error', reject)
  const response = await promise
  response.on('error', () => undefined)
  const lines = createInterface({ input: response })[Symbol.asyncIterator]()

  async function next(): Promise<ReceivedEvent | undefined> {
    const block: Record<string, string> = {}
    for (let line = await lines.next(); !line.done; line = await lines.next()) {
      if (line.value === '') return block
      const [name, ...value] = line.value.split(': ')
      block[name || 'comment'] = value.join(': ')
    }
    return undefined
  }

  return { response, next, close: () => request.destroy() }
}
