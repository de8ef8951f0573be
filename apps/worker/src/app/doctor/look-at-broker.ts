import { ask, problemOf, type RawAnswer } from './ask.ts'
import { explainFailure } from './explain-failure.ts'
import type { Notes } from './finding.ts'

export interface BrokerLook {
  url: URL
  key: string | undefined
  now: () => number
  notes: Notes
}

const warnSkewMs = 5_000
const failSkewMs = 60_000

/** @returns whether a broker answers there, and takes the key for reading */
export async function lookAtBroker({ url, key, now, notes }: BrokerLook): Promise<boolean> {
  const sentAtMs = now()
  const answer = await askSessions(url, key).catch((error: unknown) => {
    notes.fail('broker', `it cannot be reached: ${explainFailure(error)}`)
  })
  if (!answer) return false
  if (!isBroker(answer, notes)) return false
  compareClocks(answer, { sentAtMs, gotAtMs: now(), notes })
  await lookReady(url, notes)
  return isKeyTaken(answer, key, notes)
}

function askSessions(url: URL, key: string | undefined): Promise<RawAnswer> {
  return ask(new URL('sessions', withSlash(url)), {
    headers: { accept: 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
  })
}

export function withSlash(url: URL): URL {
  return url.pathname.endsWith('/') ? url : new URL(`${url.pathname}/`, url)
}

function isBroker(answer: RawAnswer, notes: Notes): boolean {
  const problem = problemOf(answer)
  if (problem?.code === 'host_not_allowed') {
    notes.fail('broker', `it does not answer under this name: ${problem.detail}`)
    return false
  }
  if (problem || (answer.status === 200 && answer.text.includes('"sessions"'))) {
    notes.ok('broker', 'a session-broker answers')
    return true
  }
  notes.fail(
    'broker',
    `something answers (status ${answer.status}), and it is no session-broker: correct the address, or look at the proxy before it`,
  )
  return false
}

function compareClocks(
  { headers: { date } }: RawAnswer,
  { sentAtMs, gotAtMs, notes }: { sentAtMs: number; gotAtMs: number; notes: Notes },
): void {
  const toldMs = Date.parse(date ?? '')
  // The header has whole seconds: the middle of that one.
  const skewMs = toldMs + 500 - (sentAtMs + gotAtMs) / 2
  const seconds = Math.round(Math.abs(skewMs) / 1_000)
  const which = `this machine’s clock is ${seconds} s ${skewMs > 0 ? 'behind' : 'ahead of'} the broker’s`
  const advice =
    'cookies end too early or too late: let both follow a time server (chrony, systemd-timesyncd)'
  if (Number.isNaN(toldMs)) notes.warn('broker-clock', 'it does not tell its time')
  else if (Math.abs(skewMs) > failSkewMs) notes.fail('broker-clock', `${which}, and ${advice}`)
  else if (Math.abs(skewMs) > warnSkewMs) notes.warn('broker-clock', `${which}; ${advice}`)
  else notes.ok('broker-clock', 'it goes with this machine’s clock')
}

async function lookReady(url: URL, notes: Notes): Promise<void> {
  const answer = await ask(new URL('readyz', withSlash(url))).catch(() => undefined)
  if (answer?.status === 200) return notes.ok('broker-ready', 'it is ready')
  const detail = answer && problemOf(answer)?.detail
  notes.warn('broker-ready', `it is not ready${detail ? `: ${detail}` : ''}; no login is made meanwhile`)
}

function isKeyTaken(answer: RawAnswer, key: string | undefined, notes: Notes): boolean {
  const problem = problemOf(answer)
  if (!problem) {
    notes.ok('key', 'the key is known, and may read')
    return true
  }
  if (key === undefined) return false
  const advice: Record<string, string> = {
    key_unknown: 'look for a cut or quoted key; compare its SHA-256 with keys: in the broker’s configuration',
    scope_missing: 'give the key the scopes read and refresh in the broker’s configuration',
  }
  notes.fail(
    'key',
    `the broker says ${problem.code}: ${problem.detail}; ${advice[problem.code] ?? 'see docs/errors.md'}`,
  )
  return false
}
