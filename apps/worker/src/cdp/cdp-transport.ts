import { WebSocket } from 'undici'
import { CdpError } from './cdp-error.ts'

/** Text frames to and from a Chrome. */
export interface CdpTransport {
  send(text: string): void
  onText(listener: (text: string) => void): void
  /** Resolves when the connection has ended, from either side. Never rejects. */
  readonly closed: Promise<void>
  close(): void
}

/** @throws CdpError `chrome_unreachable`; the signal's reason when it ended the attempt */
export function openTransport(endpoint: string, signal: AbortSignal): Promise<CdpTransport> {
  const socket = new WebSocket(endpoint)
  const { promise: closed, resolve: end } = Promise.withResolvers<void>()
  socket.addEventListener('close', () => end(), { once: true })
  const transport: CdpTransport = {
    send: (text) => socket.send(text),
    onText: (listener) =>
      socket.addEventListener('message', ({ data }) => {
        if (typeof data === 'string') listener(data)
      }),
    closed,
    close() {
      socket.close()
      // A peer that hangs never answers the farewell.
      end()
    },
  }
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      socket.close()
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    socket.addEventListener('open', () => {
      signal.removeEventListener('abort', onAbort)
      resolve(transport)
    })
    // After a failed attempt comes `close`, after an error in an open connection as well.
    socket.addEventListener('error', () => {})
    socket.addEventListener('close', () => {
      signal.removeEventListener('abort', onAbort)
      reject(
        new CdpError('chrome_unreachable', `Chrome does not take a connection at ${new URL(endpoint).host}`),
      )
    })
  })
}
