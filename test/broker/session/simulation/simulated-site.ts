import { ProblemError, type SessionState } from '@session-broker/shared'
import type { LoginJob } from '../../../../apps/broker/src/session/ports/site-login.ts'
import {
  type LookRequest,
  type LookResult,
  SiteUnreachableError,
} from '../../../../apps/broker/src/session/ports/site-look.ts'
import type { Ledger } from './ledger.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import { prolonged, stateOf, storyOf } from './simulated-state.ts'
import type { VirtualTime } from './virtual-time.ts'

/** How the site takes one login. `slow`: answers after every deadline. `error`: takes the secrets and answers 500. */
export interface SiteAnswer {
  kind: 'ok' | 'rejected' | 'down' | 'slow' | 'error'
  openMs: number
  answerMs: number
}

export interface SitePlan {
  /** For each login in turn; those beyond succeed. */
  answers: readonly SiteAnswer[]
  /** Which looks find no answer. */
  unclearLooks: readonly number[]
  /** Each look makes the cookie last longer, so that there is a new revision. */
  prolongs: boolean
}

const slowMs = 25_000
const usual: SiteAnswer = { kind: 'ok', openMs: 100, answerMs: 100 }

/** A site that knows one session of each user, and counts what it is sent. */
export function createSite({
  time,
  ledger,
  plan,
  sabotageJob = (job) => job,
}: {
  time: VirtualTime
  ledger: Ledger
  plan: SitePlan
  sabotageJob?: ((job: LoginJob) => LoginJob) | undefined
}) {
  let logins = 0
  let looks = 0
  let alive: number | undefined
  let isMended = false

  /** The browser of one process goes through the sign-in. */
  async function logIn<Proved>(process: SimulatedProcess, given: LoginJob<Proved>): Promise<Proved> {
    const job = sabotageJob(given)
    const answer = (!isMended && plan.answers[logins++]) || usual
    await process.step('opens the page')
    await process.clock.wait(answer.openMs, job.signal)
    if (job.signal.aborted) throw new ProblemError('login_site_down', 'not usable in time')
    if (answer.kind === 'down') throw new ProblemError('login_site_down', 'the site is down')
    await job.requestPermit()
    const permit = ledger.permitOf(process)
    await process.step('types')
    job.confirmPermit()
    const press = ledger.pressed(permit)
    await answered(process, answer, { job, press })
    if (answer.kind === 'rejected') throw new ProblemError('login_bad_credentials', 'not right')
    if (answer.kind === 'error') throw new ProblemError('login_unknown', 'an error of its own')
    return given.prove({ state: stateOf(press), landedUrl: 'https://shop.example/' })
  }

  /** The site works on it whatever becomes of the browser. */
  function answered(
    process: SimulatedProcess,
    { kind, answerMs }: SiteAnswer,
    { job, press }: { job: LoginJob; press: number },
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const late = () =>
      reject(new ProblemError('login_timeout_after_submit', 'the site did not answer in time'))
    time.after(kind === 'slow' ? slowMs : answerMs, () => {
      ledger.answered(press, { isRejected: kind === 'rejected' })
      if (kind === 'ok' || kind === 'slow') alive = press
      void process.step('reads the answer').then(resolve)
    })
    job.signal.addEventListener('abort', late, { once: true })
    if (job.signal.aborted) late()
    return promise
  }

  async function look(process: SimulatedProcess, request: LookRequest): Promise<LookResult> {
    const { state, signal, url } = request
    await process.step('looks at the site')
    await process.clock.wait(50, signal)
    // A browser that is closed says nothing of the site; so it is with the real ones.
    if (signal.aborted && request.in === 'browser') throw signal.reason
    const isUnclear = !isMended && plan.unclearLooks.includes(looks++)
    if (signal.aborted || isUnclear) throw new SiteUnreachableError('no answer')
    const isAlive = alive !== undefined && state !== undefined && storyOf(state).signIn === alive
    await process.step('reads the page')
    const sighting = { status: isAlive ? 200 : 401, finalUrl: url, body: '' }
    if (!state) return { sighting }
    return { sighting, state: isAlive && plan.prolongs ? prolonged(state) : state }
  }

  return {
    logIn,
    look,
    /** @returns what the person's Chrome has then. */
    signInByHand(): SessionState {
      alive = ledger.signedInByHand()
      return stateOf(alive)
    },
    endSessions(): void {
      alive = undefined
    },
    /** From now on everything succeeds. */
    mend(): void {
      isMended = true
    },
  }
}
