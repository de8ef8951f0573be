import { connect } from 'node:net'

/** One inline command to a Redis on loopback; gives the first piece of the raw answer. */
export function askRedis(port: number, command: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', signal }, () => socket.write(`${command}\r\n`))
    socket.once('data', (chunk) => {
      resolve(chunk.toString())
      socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the connection closed without an answer')))
  })
}
