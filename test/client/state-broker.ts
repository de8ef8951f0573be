import type { ServerResponse } from 'node:http'
import { type IssuedSession, ProblemError, toProblem } from '@session-broker/shared'
import { eventOf, json, openStream, type Script, startScriptedBroker } from './scripted-broker.ts'

interface RefreshBody {
  generation?: number
  reason?: string
}

export interface StateBrokerOptions {
  summary?: object
  /** What a refresh answers, after it has published what it wants to. */
  refresh?: (body: RefreshBody) => Promise<object> | object
}

/** As a broker answers for one session `amazon`: the newest state, its events, and a refresh as the test wants it. */
export async function startStateBroker(first: IssuedSession, options: StateBrokerOptions = {}) {
  let state = first
  let etagOf = (issued: IssuedSession) => `"${issued.generation}.${issued.revision}-x"`
  const streams = new Set<ReturnType<typeof openStream>>()
  const refreshes: RefreshBody[] = []
  const follow = (response: ServerResponse) => {
    const stream = openStream(response)
    streams.add(stream)
    response.on('close', () => streams.delete(stream))
    stream.send(eventOf(state.generation, { revision: state.revision }))
  }
  const refresh = async (response: ServerResponse, asked: RefreshBody) => {
    refreshes.push(asked)
    try {
      json(response, 200, await options.refresh?.(asked))
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      json(response, 503, toProblem(error))
    }
  }
  const script: Script = (response, { url, headers, body }) => {
    const { pathname } = new URL(url, 'http://broker')
    if (pathname === '/session/events') return follow(response)
    if (pathname === '/session/refresh') return refresh(response, JSON.parse(body))
    if (pathname === '/session') return json(response, 200, { ...plainSummary, ...options.summary })
    const etag = etagOf(state)
    if (headers['if-none-match'] === etag) return response.writeHead(304, { etag }).end()
    json(response, 200, state, { etag, 'session-status': 'live' })
  }
  const broker = await startScriptedBroker(script)
  return {
    ...broker,
    refreshes,
    streams: () => streams.size,
    publish(next: IssuedSession) {
      state = next
      for (const stream of streams) stream.send(eventOf(next.generation, { revision: next.revision }))
    },
    /** A replica that lags behind: it tells of what it does not give. */
    announce(generation: number) {
      for (const stream of streams) stream.send(eventOf(generation))
    },
    /** Without a word of it. */
    holdNow(next: IssuedSession) {
      state = next
    },
    /** A state under a tag of its own, as a store that was rolled back gives it. */
    rollBack(older: IssuedSession) {
      etagOf = (issued) => `"${issued.generation}.${issued.revision}-y"`
      state = older
      for (const stream of streams) stream.send(eventOf(older.generation))
    },
  }
}

const plainSummary = {
  session: 'amazon',
  loginOrigin: 'https://sign-in.example',
  sites: ['127.0.0.1'],
  status: 'live',
  generation: 1,
  revision: 0,
  obtainedAt: null,
  ageSeconds: null,
  expiry: null,
  check: null,
  lastCheck: null,
  checksPaused: null,
  login: { phase: 'idle' },
  budget: { loginsLeft: 1, failedLeft: 1, challengesLeft: 1 },
  staleSeconds: null,
}
