import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'

/** The connections of one exit, which end with it. */
export function keepConnections({ isOver }: { isOver: () => boolean }) {
  const open = new Set<Socket>()
  let isCut = false
  const areOver = () => isCut || isOver()

  return {
    areOver,
    /** @param stream what the connection is read by: its socket, or one request on it. */
    keep(stream: Readable, socket: Socket): void {
      endOnceOver(stream, areOver)
      if (open.has(socket)) return
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    },
    cut(): void {
      isCut = true
      for (const socket of open) socket.destroy()
    },
  }
}

/**
 * Ends a stream at the first piece that comes too late. A process that was stopped reads what has gathered meanwhile before
 * any of its timers runs, so each piece is held against the clock as it comes in.
 */
function endOnceOver(stream: Readable, isOver: () => boolean): void {
  const push = stream.push.bind(stream)
  stream.push = (piece: unknown, encoding?: BufferEncoding) => {
    if (piece === null || !isOver()) return push(piece, encoding)
    stream.destroy()
    return false
  }
}
