import type { LoginBudget } from '../../../../apps/broker/src/session/login-history.ts'
import type { SealableState } from '../../../../apps/broker/src/session/ports/state-sealer.ts'
import { createInvariants } from '../account-invariants.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import { type Story, storyOf } from './simulated-state.ts'
import type { VirtualTime } from './virtual-time.ts'

const dayMs = 24 * 60 * 60 * 1000

interface Permit {
  fence: number
  endsAtMs: number
}

interface Press {
  signIn: number
  permit: Permit
  atMs: number
  isAnswered: boolean
  isRejected: boolean
}

/** What stands at one place of the store. */
interface Published {
  generation: number
  revision: number
  story: Story
}

/**
 * Writes down what reaches the site and the store, and what of it must never have happened. It counts by itself and asks
 * neither: that is what they are held against.
 */
export function createLedger({ time, budget }: { time: VirtualTime; budget: LoginBudget }) {
  const violations: string[] = []
  const invariants = createInvariants(budget)
  const logins = new Map<number, { fence: number; tag: string; force: boolean }>()
  const permits = new Map<SimulatedProcess, Permit>()
  const presses: Press[] = []
  let signIns = 0
  const published = new Map<string, Published>()
  const everPublished = new Set<string>()

  function blame(what: string): void {
    violations.push(what)
  }

  function begun(login: { fence: number; tag: string; force: boolean }): void {
    logins.set(login.fence, login)
    invariants.begun(login)
  }

  function granted(
    process: SimulatedProcess,
    { fence, durationMs }: { fence: number; durationMs: number },
  ): void {
    permits.set(process, { fence, endsAtMs: time.nowMs() + durationMs })
    const login = logins.get(fence)
    try {
      if (!login) throw new Error('a permit for a login that never began')
      invariants.granted(login, time.nowMs())
    } catch (error) {
      blame(String(error))
    }
  }

  function permitOf(process: SimulatedProcess): Permit {
    const permit = permits.get(process)
    if (!permit) throw new Error('the broker was told that it has a permit, and has none')
    return permit
  }

  /** Secrets arrive at the site. @returns the how manyth sign-in it is. */
  function pressed(permit: Permit): number {
    const atMs = time.nowMs()
    if (atMs >= permit.endsAtMs) blame('secrets were sent after the end of their permit')
    const others = presses.filter((each) => !each.isAnswered && each.permit.endsAtMs > atMs)
    if (others.length > 0) blame('two logins in flight whose permits are valid')
    const signIn = ++signIns
    presses.push({ signIn, permit, atMs, isAnswered: false, isRejected: false })
    const today = presses.filter((each) => each.atMs > atMs - dayMs)
    const rejected = today.filter(({ isRejected }) => isRejected)
    if (today.length > budget.loginsPerDay) blame(`the site was sent secrets ${today.length} times in a day`)
    if (rejected.length >= budget.failedPerDay) blame(`${rejected.length} rejections, and secrets once more`)
    return signIn
  }

  function answered(signIn: number, { isRejected }: { isRejected: boolean }): void {
    const found = presses.find((each) => each.signIn === signIn)
    if (found) Object.assign(found, { isAnswered: true, isRejected })
  }

  function judgeRevision(before: Story, now: Story): void {
    if (now.signIn !== before.signIn) blame('a revision brought in the state of another login')
    const isKept = before.changes.every((change) => now.changes.includes(change))
    if (!isKept || now.expires < before.expires) blame('a revision lost what the one before it had')
  }

  /** A new generation or revision stands in the store. */
  function stored(
    session: string,
    now: { generation: number; revision: number; content: SealableState },
  ): void {
    const { generation, revision } = now
    const before = published.get(session) ?? nothingYet
    const story = storyOf(now.content.state)
    if (generation === before.generation + 1 && revision === 0) {
      if (story.signIn <= before.story.signIn) blame('a stale login replaced a newer one')
    } else if (generation === before.generation && revision === before.revision + 1)
      judgeRevision(before.story, story)
    else blame(`generation ${before.generation}.${before.revision} became ${generation}.${revision}`)
    published.set(session, { generation, revision, story })
    everPublished.add(nameOf(session, now))
  }

  /** Somebody was told that what they handed in is published. */
  function promised(session: string, version: { generation: number; revision: number }): void {
    if (!everPublished.has(nameOf(session, version)))
      blame(`${nameOf(session, version)} was promised, and never published`)
  }

  return {
    ...{ violations, blame, begun, granted, permitOf, pressed, answered, stored, promised },
    /** A person is let in. @returns the how manyth sign-in it is. */
    signedInByHand: () => ++signIns,
    settled: invariants.settled,
    rejected: invariants.rejected,
    closed: invariants.closed,
    presses: () => presses.length,
  }
}

const nothingYet: Published = {
  ...{ generation: 0, revision: 0 },
  story: { signIn: 0, changes: [], expires: 0 },
}

function nameOf(session: string, { generation, revision }: { generation: number; revision: number }): string {
  return `${session} ${generation}.${revision}`
}

export type Ledger = ReturnType<typeof createLedger>
