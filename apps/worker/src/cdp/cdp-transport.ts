import { WebSocket } from 'ws'
import { CdpError } from './cdp-error.ts'

/** Text frames to and from a Chrome. */
export interface CdpTransport {
  send(text: string): void
  onText(listener: (text: string) => void): void
  /** Resolves when the connection has ended, from either side. Never rejects. */
  readonly closed: Promise<void>
  close(): void
}

/** How long a Chrome that hangs may take to say its good-bye. */
const closeMs = 1_000
/** A page's whole source comes in one message. */
const mostBytes = 256 * 1024 * 1024

/** @throws CdpError `chrome_unreachable`; the signal's reason when it ended the attempt */
export function openTransport(endpoint: string, signal: AbortSignal): Promise<CdpTransport> {
  const socket = new WebSocket(endpoint, { perMessageDeflate: false, maxPayload: mostBytes })
  const { promise: closed, resolve: end } = Promise.withResolvers<void>()
  socket.once('close', () => end())
  const transport: CdpTransport = {
    send: (text) => socket.send(text),
    onText: (listener) => socket.on('message', (data) => listener(data.toString())),
    closed,
    close() {
      socket.close()
      // A peer that hangs never answers the farewell.
      const hangs = setTimeout(() => socket.terminate(), closeMs)
      socket.once('close', () => clearTimeout(hangs))
      end()
    },
  }
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      socket.terminate()
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    socket.once('open', () => {
      signal.removeEventListener('abort', onAbort)
      resolve(transport)
    })
    // After a failed attempt comes `close`, after an error in an open connection as well.
    socket.on('error', () => {})
    socket.once('close', () => {
      signal.removeEventListener('abort', onAbort)
      reject(
        new CdpError('chrome_unreachable', `Chrome does not take a connection at ${new URL(endpoint).host}`),
      )
    })
  })
}
