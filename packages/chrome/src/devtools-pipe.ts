import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

/** CDP over the pipe of a Chrome that was started with `--remote-debugging-pipe`. */
export interface DevToolsPipe {
  /** One message, as JSON. */
  send(text: string): void
  /** One listener: a later one takes the place of the one before. */
  onText(listener: (text: string) => void): void
}

/** Messages are JSON texts with a NUL after each; a chunk holds any part of them. */
export function openDevToolsPipe(child: ChildProcess): DevToolsPipe {
  const toChrome = child.stdio[3] as Writable | null | undefined
  const fromChrome = child.stdio[4] as Readable | null | undefined
  let tell = (_text: string) => {}
  let rest: Buffer[] = []
  fromChrome?.on('data', (chunk: Buffer) => {
    let from = 0
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, from)) {
      const text = Buffer.concat([...rest, chunk.subarray(from, end)]).toString()
      rest = []
      from = end + 1
      tell(text)
    }
    if (from < chunk.length) rest.push(chunk.subarray(from))
  })
  return {
    send: (text) => void toChrome?.write(`${text}\0`),
    onText(listener) {
      tell = listener
    },
  }
}

/** Resolves when Chrome has answered a first command. */
export function awaitAnswer(pipe: DevToolsPipe): Promise<void> {
  return new Promise((resolve) => {
    pipe.onText(() => resolve())
    pipe.send(JSON.stringify({ id: 0, method: 'Browser.getVersion' }))
  })
}
