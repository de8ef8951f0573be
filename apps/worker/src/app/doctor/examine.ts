import { createBrokerClient } from '@session-broker/client'
import type { SessionSummary } from '@session-broker/shared'
import type { ChromeConnection } from '../../cdp/connect-to-chrome.ts'
import { createNotes, type Finding, type Notes } from './finding.ts'
import { lookAtBroker } from './look-at-broker.ts'
import { lookAtChrome } from './look-at-chrome.ts'
import { lookAtScopes } from './look-at-scopes.ts'
import { lookAtSession } from './look-at-session.ts'
import { lookAtState } from './look-at-state.ts'

export interface Examination {
  brokers: readonly string[]
  /** Left out: there is none, and that has been found. */
  key?: string | undefined
  /** Empty: all that the key may see. */
  sessions: readonly string[]
  chromes: readonly string[]
  now: () => number
}

/** Looks at everything that a worker stands on. What fails holds no other look up; nothing is changed, no login is started. */
export async function examine(order: Examination, findings: Finding[]): Promise<void> {
  const notes = createNotes(findings)
  const broker = await findBroker(order, notes)
  const key = order.key
  const summaries = broker && key ? await readSessions({ ...order, broker, key }, notes) : []
  for (const address of order.chromes) {
    const about = notes.about(address)
    await attempt(about, 'chrome', async () => {
      const chrome = await lookAtChrome(address, about)
      if (!chrome) return
      try {
        if (broker && key) await lookAtStates({ ...order, broker, key, summaries, chrome, address }, notes)
      } finally {
        chrome.close()
      }
    })
  }
}

/** @returns the first broker that answers and takes the key */
async function findBroker({ brokers, key, now }: Examination, notes: Notes): Promise<URL | undefined> {
  let found: URL | undefined
  for (const broker of brokers) {
    const url = new URL(broker)
    const about = notes.about(url.origin)
    await attempt(about, 'broker', async () => {
      if (await lookAtBroker({ url, key, now, notes: about })) found ??= url
    })
  }
  return found
}

type AtBroker = Examination & { broker: URL; key: string }

async function readSessions({ broker, key, sessions }: AtBroker, notes: Notes): Promise<SessionSummary[]> {
  const client = createBrokerClient({ url: broker.href, key })
  const summaries: SessionSummary[] = []
  try {
    await attempt(notes, 'sessions', async () => {
      const all = await client.sessions()
      const [first] = all
      if (first) await lookAtScopes({ url: broker, key, session: first.session, notes })
      else
        notes.fail(
          'sessions',
          'the key may see no session: look at sessions: of the key in the broker’s configuration',
        )
      for (const name of sessions.length > 0 ? sessions : all.map(({ session }) => session)) {
        const about = notes.about(name)
        const summary = all.find(({ session }) => session === name)
        if (!summary)
          about.fail(
            'session',
            `no such session, or the key may not see it; it sees ${all.map(({ session }) => session).join(', ')}`,
          )
        else lookAtSession(summary, about)
        if (summary) summaries.push(summary)
      }
    })
  } finally {
    await client.close()
  }
  return summaries
}

async function lookAtStates(
  {
    broker,
    key,
    now,
    ...at
  }: AtBroker & { summaries: SessionSummary[]; chrome: ChromeConnection; address: string },
  notes: Notes,
): Promise<void> {
  const client = createBrokerClient({ url: broker.href, key })
  try {
    for (const summary of at.summaries) {
      const about = notes.about(`${summary.session} in ${at.address}`)
      await attempt(about, 'signed-in', () =>
        lookAtState({ client, summary, chrome: at.chrome, now, notes: about }),
      )
    }
  } finally {
    await client.close()
  }
}

/** A look that cannot be taken is a finding as well. */
async function attempt(notes: Notes, look: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    notes.fail(look, `this could not be looked at: ${error instanceof Error ? error.message : 'it failed'}`)
  }
}
