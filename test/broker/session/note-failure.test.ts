import { ProblemError } from '@session-broker/shared'
import t from 'tap'
import { noteFailure } from '../../../apps/broker/src/session/note-failure.ts'
import type {
  EvidenceKeeper,
  FailureEvidence,
} from '../../../apps/broker/src/session/ports/evidence-keeper.ts'
import type { LogFields } from '../../../apps/broker/src/session/ports/log.ts'
import type { LoginTraces } from '../../../apps/broker/src/session/ports/login-traces.ts'
import type { SessionStore } from '../../../apps/broker/src/session/ports/session-store.ts'
import { createManualClock } from '../http/manual-clock.ts'
import { defineSession, silentLog } from './define-session.ts'

const traces: LoginTraces = { steps: [], browser: 'Chromium 1', clean: (text) => text }
const rejected = new ProblemError('login_bad_credentials', 'it is not right')

function openGround(keepEvidence?: EvidenceKeeper) {
  const kept: FailureEvidence[] = []
  const lines: LogFields[] = []
  const clock = createManualClock()
  const store = { failLogin: async () => undefined, abandonLogin: async () => undefined }
  const keep: EvidenceKeeper = async (evidence) => {
    kept.push(evidence)
    return 'evidence/shop/now'
  }
  const dependencies = {
    store: store as unknown as SessionStore,
    clock,
    log: { ...silentLog, warn: (fields: LogFields) => lines.push(fields) },
    keepEvidence: keepEvidence ?? keep,
  }
  const fail = (error: unknown, part: { traces?: LoginTraces } = { traces }) =>
    noteFailure(
      dependencies,
      {
        ...{ definition: defineSession(), operationId: 'op', fence: 1, failuresInRow: 0, tookMs: 900 },
        credentials: { username: 'alice', password: 'x', tag: 'tag' },
        signal: new AbortController().signal,
        ...part,
      },
      error,
    )
  return { kept, lines, clock, fail }
}

t.test('what a failed login has left is kept, and its log line says where', async (t) => {
  const { kept, lines, fail } = openGround()
  await fail(rejected)
  t.match(kept, [
    { session: 'shop', class: 'bad_credentials', detail: 'it is not right', tookMs: 900, traces },
  ])
  t.match(lines, [{ code: 'login_bad_credentials', evidence: 'evidence/shop/now' }])
})

t.test('an error that nobody foresaw is kept as unknown', async (t) => {
  const { kept, fail } = openGround()
  await fail(new Error('with a secret in it'))
  t.match(kept, [{ class: 'unknown' }])
  t.notMatch(kept[0]?.detail, 'secret')
})

t.test('a login that was given up, or never came to a browser, leaves nothing', async (t) => {
  const { kept, lines, fail } = openGround()
  await fail(new ProblemError('login_abandoned', 'the broker stops'))
  await fail(rejected, {})
  t.same(kept, [])
  t.same(
    lines.map((line) => 'evidence' in line),
    [false, false],
  )
})

t.test('a disk that hangs does not hold up the failure', async (t) => {
  const { clock, lines, fail } = openGround(() => new Promise(() => undefined))
  const failing = fail(rejected)
  await new Promise(setImmediate)
  clock.advance(1_000)
  t.match(await failing, { code: 'login_bad_credentials' })
  t.notOk(lines[0]?.evidence)
})
