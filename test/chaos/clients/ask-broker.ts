import { type Dispatcher, request } from 'undici'
import type { Cluster, ClusterBroker } from '../cluster/start-cluster.ts'
import { contentOf } from '../history/content-of.ts'
import { machineMs, type Published, type Read, type RefreshTold } from '../history/history.ts'

export interface Asking {
  cluster: Pick<Cluster, 'key'>
  broker: ClusterBroker
  session: string
  signal?: AbortSignal
}

/** A state at hand, with what shows it to the site. */
export interface HeldState extends Published {
  etag: string
  cookie: string
}

/** Beyond what it was asked to wait; then another broker is tried. */
const answerMs = 1_000

interface Answer {
  status: number
  headers: Dispatcher.ResponseData['headers']
  body: Record<string, unknown>
  /** Which process answered. */
  broker: string
  startedAtMs: number
  endedAtMs: number
}

interface Question {
  path: string
  headers?: Record<string, string>
  body?: object
  waitSeconds?: number
}

/** Undefined where no answer came, or nobody can say which process it was that answered. */
async function ask(
  { cluster, broker, session, signal }: Asking,
  { path, headers, body, waitSeconds = 0 }: Question,
): Promise<Answer | undefined> {
  const asked = broker.broker()
  const startedAtMs = machineMs()
  const timeUp = AbortSignal.timeout(waitSeconds * 1_000 + answerMs)
  try {
    const answer = await request(`${broker.url}${path}?session=${session}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${cluster.key}`,
        prefer: `wait=${waitSeconds}`,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, timeUp]) : timeUp,
    })
    const text = await answer.body.text()
    const endedAtMs = machineMs()
    if (broker.broker() !== asked) return undefined
    const parsed = text.startsWith('{') ? JSON.parse(text) : {}
    const { statusCode: status, headers: told } = answer
    return { status, headers: told, body: parsed, broker: asked, startedAtMs, endedAtMs }
  } catch {
    return undefined
  }
}

export type ReadAnswer =
  | { read: Read; state: HeldState; code?: undefined }
  | { read?: undefined; state?: undefined; code: string | undefined }

/**
 * `GET /session/cookies`; starts the first login.
 * @param held the state at hand, if any: the answer is 304 while it is the newest, after `waitSeconds` at most.
 */
export async function readState(
  asking: Asking,
  { held, waitSeconds }: { held?: HeldState | undefined; waitSeconds: number },
): Promise<ReadAnswer> {
  const answer = await ask(asking, {
    path: '/session/cookies',
    waitSeconds,
    ...(held && { headers: { 'if-none-match': held.etag } }),
  })
  const state = answer?.status === 304 ? held : answer?.status === 200 ? heldStateOf(answer) : undefined
  if (!answer || !state) return { code: codeOf(answer) }
  const { broker, startedAtMs, endedAtMs } = answer
  const { generation, revision, mark, content } = state
  const read = {
    session: asking.session,
    broker,
    startedAtMs,
    endedAtMs,
    generation,
    revision,
    mark,
    content,
  }
  return { read, state }
}

/** Undefined where nobody answered. */
function codeOf(answer: Answer | undefined): string | undefined {
  return answer && String(answer.body.code ?? answer.status)
}

function heldStateOf({ headers, body }: Answer): HeldState {
  const etag = String(headers.etag)
  const [, generation, revision, mark = ''] = /^"(\d+)\.(\d+)-(\w+)"$/.exec(etag) ?? []
  const { cookies } = body as unknown as Parameters<typeof contentOf>[0]
  return {
    generation: Number(generation),
    revision: Number(revision),
    mark,
    content: contentOf({ cookies }),
    etag,
    cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
  }
}

export type RefreshAnswer =
  | { told: RefreshTold; code?: undefined }
  | { told?: undefined; code: string | undefined }

/** `POST /session/refresh`, with the generation that was seen to fail. */
export async function askRefresh(
  asking: Asking,
  { seen, force }: { seen: number; force: boolean },
): Promise<RefreshAnswer> {
  const answer = await ask(asking, {
    path: '/session/refresh',
    waitSeconds: 3,
    body: { generation: seen, ...(force && { force }) },
  })
  if (answer?.status !== 200) return { code: codeOf(answer) }
  const { broker, startedAtMs, endedAtMs } = answer
  const result = answer.body as Pick<RefreshTold, 'generation' | 'revision' | 'outcome'>
  const { generation, revision, outcome } = result
  const told = {
    session: asking.session,
    broker,
    startedAtMs,
    endedAtMs,
    seen,
    generation,
    revision,
    outcome,
  }
  return { told }
}

/** `POST /session/reset`: the operator who has mended what was wrong. */
export async function askReset(asking: Asking): Promise<void> {
  await ask(asking, { path: '/session/reset', body: { reason: 'chaos' } })
}
