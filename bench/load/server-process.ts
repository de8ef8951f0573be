import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ServerReport } from '../servers/serve-until-told.ts'
import { pinned } from './pinned.ts'

/** A server in a process of its own, on the first core. */
export interface ServerProcess extends AsyncDisposable {
  origin: string
  etag: string
  /** CPU time that it has used so far. */
  cpuMicros(): Promise<number>
}

/** @param file in bench/servers. @throws where it ends before it listens. */
export async function startServer(file: string, options: readonly string[] = []): Promise<ServerProcess> {
  const path = fileURLToPath(new URL(`../servers/${file}`, import.meta.url))
  const [command, args] = pinned(0, process.execPath, [...process.execArgv, path, ...options])
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const { port, etag } = await nextReport(child)
  return {
    origin: `http://127.0.0.1:${port}`,
    etag,
    async cpuMicros() {
      const report = nextReport(child)
      child.send('report')
      return (await report).cpuMicros
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

async function nextReport(child: ChildProcess): Promise<ServerReport> {
  const { promise, resolve, reject } = Promise.withResolvers<ServerReport>()
  const end = () => reject(new Error('a server ended before the bench did'))
  child.once('message', resolve).once('exit', end).once('error', reject)
  return promise.finally(() => child.off('message', resolve).off('exit', end).off('error', reject))
}
