import type { CdpTransport } from './cdp-transport.ts'

/** Both ends of a pipe to a Chrome, a message at a time. */
export interface MessagePipe {
  send(text: string): void
  onText(listener: (text: string) => void): void
}

/** @param exited of the Chrome at its other end, with which the pipe ends */
export function pipeTransport(pipe: MessagePipe, exited: Promise<void>): CdpTransport {
  const { promise: closed, resolve: end } = Promise.withResolvers<void>()
  exited.then(end)
  let isOpen = true
  return {
    send: (text) => {
      if (isOpen) pipe.send(text)
    },
    onText: (listener) => pipe.onText((text) => isOpen && listener(text)),
    closed,
    close() {
      isOpen = false
      end()
    },
  }
}
