import type { Cookie, SessionState } from '@session-broker/shared'
import t from 'tap'
import type { StoredSession } from '../../../apps/broker/src/session/ports/session-store.ts'
import { predictExpiry } from '../../../apps/broker/src/session/predict-expiry.ts'
import { sealedState } from './define-session.ts'

const hour = 3_600_000
const obtainedAtMs = Date.UTC(2026, 0, 1)
const at = (ms: number) => new Date(obtainedAtMs + ms).toISOString()
const seconds = (ms: number) => (obtainedAtMs + ms) / 1000

function stored(aliveForMs = 0): StoredSession {
  const aliveAtMs = obtainedAtMs + aliveForMs
  return {
    generation: 1,
    revision: 0,
    mark: 'a',
    verdict: 'signed_in',
    operationId: 'shop.1',
    sealed: sealedState,
    obtainedAtMs,
    checkedAtMs: aliveAtMs,
    aliveAtMs,
  }
}

function cookie(part: Partial<Cookie>): Cookie {
  const common = { name: 'a', value: '', domain: 'shop.example', path: '/', secure: true }
  return { ...common, expires: -1, httpOnly: true, ...part }
}

function state(part: Partial<SessionState>): SessionState {
  return { userAgent: 'test', cookies: [], origins: [], ...part }
}

function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part(claims)}.c2ln`
}

const now = { stored: stored(), lifetimesMs: [] }

t.test('the first login cookie that has a date says it', async (t) => {
  const predict = (...cookies: Partial<Cookie>[]) =>
    predictExpiry(state({ cookies: cookies.map(cookie) }), now)
  t.equal(predict({}), undefined)
  t.equal(predict({ httpOnly: false, expires: seconds(hour) }), undefined, "scripts' own cookies say nothing")
  const late = { name: 'late', expires: seconds(2 * hour) }
  t.match(predict(late, { name: 'soon', expires: seconds(hour) }), { at: at(hour), reason: /cookie soon/ })
})

t.test('a date that the session has outlived is no prediction', async (t) => {
  const two = [
    cookie({ name: 'first', expires: seconds(hour) }),
    cookie({ name: 'b', expires: seconds(3 * hour) }),
  ]
  const predict = (aliveForMs: number) =>
    predictExpiry(state({ cookies: two }), { stored: stored(aliveForMs), lifetimesMs: [] })
  t.match(predict(0.5 * hour), { at: at(hour) })
  t.match(predict(2 * hour), { at: at(3 * hour), reason: /cookie b/ }, 'the next one may be')
  t.equal(predict(4 * hour), undefined)
})

t.test('of tokens the one that lives longest counts, wherever it stands', async (t) => {
  const short = jwt({ exp: seconds(hour) })
  const long = jwt({ exp: seconds(5 * hour), sub: 'ann' })
  const localStorage = [
    { name: 'access', value: short },
    { name: 'auth', value: JSON.stringify({ refresh: `Bearer ${long}` }) },
  ]
  const found = predictExpiry(state({ origins: [{ origin: 'https://shop.example', localStorage }] }), now)
  t.match(found, { at: at(5 * hour), reason: /token in localStorage auth of https:\/\/shop\.example/ })
  t.notMatch(JSON.stringify(found), /eyJ/, 'and its value is not told')
  const cookies = [cookie({ name: 'jwt', value: short }), cookie({ name: 'sid', expires: seconds(hour / 2) })]
  t.match(
    predictExpiry(state({ cookies }), now),
    { at: at(hour / 2) },
    'a cookie that ends before it ends first',
  )
})

t.test('what looks like a token and is none says nothing', async (t) => {
  const broken = [
    'eyJub3Q.eyJqc29u.x',
    jwt({}),
    jwt({ exp: 'soon' }),
    jwt({ exp: -1 }),
    'eyJhbGciOiJub25lIn0',
  ]
  for (const value of broken) {
    t.equal(predictExpiry(state({ cookies: [cookie({ value })] }), now), undefined, value.slice(0, 12))
  }
})

t.test('how long earlier generations lived counts more, where at least three agree', async (t) => {
  const cookies = [cookie({ expires: seconds(24 * hour) })]
  const predict = (...lifetimesMs: number[]) =>
    predictExpiry(state({ cookies }), { stored: stored(), lifetimesMs })
  t.match(predict(2 * hour, 3 * hour, 4 * hour), {
    at: at(2 * hour),
    reason: /last 3 generations lived 120 min/,
  })
  t.match(predict(2 * hour, 3 * hour), { at: at(24 * hour) }, 'two are not enough')
  t.match(predict(hour, 3 * hour, 2 * hour), { at: at(24 * hour) }, 'these do not agree')
  t.match(predict(0, 0, 0), { at: at(24 * hour) }, 'ends at once tell nothing')
})
