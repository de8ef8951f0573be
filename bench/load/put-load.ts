import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { exists, pinned } from './pinned.ts'

export interface Load {
  url: string
  headers: Readonly<Record<string, string>>
  seconds: number
  /** The status that every answer must have. */
  status: number
}

export interface LoadResult {
  requests: number
  perSecond: number
}

const connections = 32
const run = promisify(execFile)

/** wrk where it is installed: it takes a tenth of the CPU, and so measures the server rather than itself. */
export const loadTool = exists('wrk') ? 'wrk' : 'autocannon'

/** Loads from the second core. @throws where an answer has another status or a connection fails. */
export async function putLoad(load: Load): Promise<LoadResult> {
  return loadTool === 'wrk' ? loadByWrk(load) : loadByAutocannon(load)
}

async function loadByWrk({ url, headers, seconds, status }: Load): Promise<LoadResult> {
  const shown = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const wrk = ['-t1', `-c${connections}`, `-d${seconds}s`, ...shown, url]
  const { stdout } = await run(...pinned(1, 'wrk', wrk))
  // wrk counts 304 among the good ones and everything from 400 on among the bad.
  const failures = /Non-2xx or 3xx responses: \d+|Socket errors: [^\n]+/.exec(stdout)?.[0]
  if (failures) throw new Error(`${url} should answer ${status}: ${failures}`)
  return {
    requests: Number(/(\d+) requests in/.exec(stdout)?.[1]),
    perSecond: Number(/Requests\/sec:\s*([\d.]+)/.exec(stdout)?.[1]),
  }
}

async function loadByAutocannon({ url, headers, seconds, status }: Load): Promise<LoadResult> {
  const program = fileURLToPath(import.meta.resolve('autocannon'))
  const shown = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}=${value}`])
  const options = ['--json', '-c', String(connections), '-d', String(seconds), ...shown, url]
  const { stdout } = await run(...pinned(1, process.execPath, [program, ...options]))
  const { requests, errors, statusCodeStats } = JSON.parse(stdout)
  const others = Object.keys(statusCodeStats).filter((code) => Number(code) !== status)
  if (errors > 0 || others.length > 0) {
    throw new Error(
      `${url} should answer ${status}: ${errors} errors, statuses ${Object.keys(statusCodeStats)}`,
    )
  }
  return { requests: requests.total, perSecond: requests.average }
}
