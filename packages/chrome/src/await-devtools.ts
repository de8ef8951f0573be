import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { ChromeError } from './chrome-error.ts'

export type AwaitDevToolsOptions = {
  timeoutMs: number
  signal?: AbortSignal | undefined
  /** Of a Chrome without a port: resolves when it has answered over its pipe. */
  answered?: Promise<void>
}

const keptLines = 40
const listening = /^DevTools listening on ws:\/\/(.*):(\d+)\//
const telling = /FATAL|sandbox|shared libraries|profile|singleton|display|permission|cannot/i

/**
 * Waits until Chrome says on its standard error at which port it listens (that line is the only proof that the
 * port is this Chrome's), and gives the port; or, where it has none, until it has answered. Throws `chrome_did_not_start`, `profile_in_use` or `port_in_use`.
 */
export function awaitDevTools(
  child: ChildProcess,
  { timeoutMs, signal, answered }: AwaitDevToolsOptions,
): Promise<number | undefined> {
  if (!child.stderr) throw new TypeError('awaitDevTools needs a child whose stderr is a pipe')
  const stderr = child.stderr
  const lines: string[] = []
  const reader = createInterface({ input: stderr })
  return new Promise<number | undefined>((resolve, reject) => {
    const settle = (end: () => void) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      child.off('error', onError)
      child.off('exit', onExit)
      reader.close()
      // Read on and forget: a full pipe would stop Chrome.
      stderr.removeAllListeners('data')
      stderr.resume()
      end()
    }
    const fail = (error: unknown) => settle(() => reject(error))
    const onAbort = () => fail(signal?.reason)
    const onError = (cause: Error) =>
      fail(new ChromeError('chrome_did_not_start', `Chrome did not start: ${cause.message}`, { cause }))
    const onExit = (code: number | null) => fail(explainExit(code, lines))
    const timer = setTimeout(
      () => fail(new ChromeError('chrome_did_not_start', `Chrome was not ready in ${timeoutMs} ms`)),
      timeoutMs,
    )
    reader.on('line', (line) => {
      const [, host, port] = listening.exec(line) ?? []
      if (host === '127.0.0.1') return settle(() => resolve(Number(port)))
      // Where another program has the port, Chrome moves to ::1 in silence, and 127.0.0.1 would be the stranger.
      if (host !== undefined || line.includes('Cannot start http server for devtools')) {
        return fail(
          new ChromeError('port_in_use', 'The port for Chrome is taken: choose another, or 0 for a free one'),
        )
      }
      if (lines.push(line) > keptLines) lines.shift()
    })
    answered?.then(() => settle(() => resolve(undefined)))
    signal?.addEventListener('abort', onAbort)
    child.once('error', onError)
    child.once('exit', onExit)
    if (signal?.aborted) onAbort()
  })
}

function explainExit(code: number | null, lines: readonly string[]): ChromeError {
  // A Chrome that finds another one on its profile hands its URL over and ends well, or ends with 21.
  if (code === 0 || code === 21) {
    return new ChromeError(
      'profile_in_use',
      'Another Chrome uses this profile directory: end that one, or give this one a directory of its own',
    )
  }
  const words = lines.filter((line) => telling.test(line)).slice(-2)
  const said = words.length > 0 ? words : lines.slice(-2)
  return new ChromeError(
    'chrome_did_not_start',
    `Chrome ended at once with ${code === null ? 'a signal' : `exit code ${code}`}: ${said.join(' · ').trim()}`,
  )
}
