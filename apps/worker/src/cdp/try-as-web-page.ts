import { WebSocket } from 'ws'

const withinMs = 5_000

/**
 * Whether Chrome lets a web page of some origin connect to it, as it does with `--remote-allow-origins=*`.
 * @param endpoint `ws://…/devtools/browser/…`
 * @returns undefined where nothing tells
 */
export function takesWebPages(endpoint: string): Promise<boolean | undefined> {
  const socket = new WebSocket(endpoint, {
    origin: 'https://web-page.invalid',
    handshakeTimeout: withinMs,
    perMessageDeflate: false,
  })
  return new Promise((resolve) => {
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode === 403 ? false : undefined)
      response.destroy()
    })
    socket.on('error', () => resolve(undefined))
    socket.on('open', () => {
      socket.terminate()
      resolve(true)
    })
  })
}
