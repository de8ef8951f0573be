import { fileURLToPath } from 'node:url'
import { startProcess } from '../process/index.ts'
import type { SiteStats } from './counters.ts'
import { defaultPersonality, mergePersonality, type Personality } from './personality.ts'
import { siteCheck } from './site-check.ts'
import type { SiteSession } from './site-sessions.ts'
import type { SiteAddress } from './start-site.ts'

export interface SiteProcessOptions extends Partial<Personality> {
  port?: number
  host?: string
  /** Ctrl-C in the terminal doesn't reach it: it ends by `close` alone. */
  ownGroup?: boolean
}

/** The site in a process of its own, asked and changed over its admin routes. */
export interface SiteProcess extends SiteAddress {
  readonly pid: number
  readonly adminToken: string
  stats(): Promise<SiteStats>
  sessions(): Promise<SiteSessionJson[]>
  killSessions(): Promise<number>
  change(part: Partial<Personality>): Promise<void>
  setPassword(username: string, password: string): Promise<void>
  close(): Promise<void>
}

/** A session as it comes over the wire: dates are ISO strings. */
export interface SiteSessionJson extends Pick<SiteSession, 'number' | 'username' | 'rotations'> {
  obtainedAt: string
  lastSeenAt: string
  endsAt: string | null
}

interface FirstLine {
  url: string
  loginUrl: string
  username: string
  password: string
  adminToken: string
}

const answerMs = 5_000

/** Starts the site as a process that ends with this one; its credentials come back over a pipe. */
export async function startSiteProcess(options: SiteProcessOptions = {}): Promise<SiteProcess> {
  const { port = 0, host = '127.0.0.1', ownGroup = false } = options
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const args = [
    '--conditions=@session-broker/source',
    main,
    '--port',
    String(port),
    '--host',
    host,
    '--with-parent',
  ]
  const started = await startProcess({ name: 'the local site', command: process.execPath, args, ownGroup })
  try {
    const address = JSON.parse(await started.firstLine) as FirstLine
    const { url, username, adminToken } = address
    const ask = askSite(url, adminToken)
    let personality = mergePersonality(defaultPersonality, options)
    await ask('POST', 'personality', personality)
    return {
      name: 'local',
      ...address,
      pid: started.pid,
      signedInText: `Hello, ${username}`,
      get check() {
        return siteCheck(url, username, personality)
      },
      stats: async () => (await ask('GET', 'stats')) as SiteStats,
      sessions: async () => (await ask('GET', 'sessions')) as SiteSessionJson[],
      killSessions: async () => ((await ask('POST', 'kill-sessions')) as { killed: number }).killed,
      async change(part) {
        personality = (await ask('POST', 'personality', part)) as Personality
      },
      async setPassword(name, password) {
        await ask('POST', 'password', { username: name, password })
      },
      close: () => started.end(),
    }
  } catch (error) {
    await started.end()
    throw error
  }
}

function askSite(url: string, adminToken: string) {
  return async (method: 'GET' | 'POST', what: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${url}/_admin/${what}`, {
      method,
      headers: {
        authorization: `Bearer ${adminToken}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.timeout(answerMs),
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`the local site answered ${answer.status} to ${method} /_admin/${what}`)
    return answer.json()
  }
}
