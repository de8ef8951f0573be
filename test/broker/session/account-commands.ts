import { deepStrictEqual, ok } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { failurePolicies } from '../../../apps/broker/src/session/failure-policy.ts'
import { halfOf } from '../../../apps/broker/src/session/login-budget.ts'
import type { LoginBudget } from '../../../apps/broker/src/session/login-history.ts'
import { publication, reportOf } from '../backend/store-steps.ts'
import type { ModelAnswer } from './account-model.ts'
import {
  type Login,
  type ModelledAccount,
  placeOf,
  type RealAccount,
  step,
  type Where,
} from './account-step.ts'
import { startOf } from './define-session.ts'

type Command = fc.AsyncCommand<ModelledAccount, RealAccount>

const where = fc.record({ replica: fc.nat(1), session: fc.constantFrom('shop', 'billing') })
const whoseBudget = fc.constantFrom('full', 'half')

export interface CommandOptions {
  /** How long permits and back-offs last. */
  durationsMs: readonly number[]
  /** After each step: what is to be over with the next one, is over. */
  settleMs: number
  /** By how much the clock may step on. */
  stepsMs: readonly number[]
}

/** Arbitrary steps on one account. */
export function accountCommands({ durationsMs, settleMs, stepsMs }: CommandOptions) {
  const durationMs = fc.constantFrom(...durationsMs)
  // Mostly the newest: of the others little is to be expected.
  const back = fc.constantFrom(0, 0, 0, 0, 1, 2)
  const all: fc.Arbitrary<Command>[] = [
    fc
      .record({
        ...{ at: where, tag: fc.constantFrom('old', 'new'), whose: whoseBudget },
        force: fc.nat(2).map((chance) => chance === 0),
        isBehind: fc.nat(9).map((chance) => chance === 0),
        isRepeated: fc.nat(5).map((chance) => chance === 0),
      })
      .map(begin),
    fc.record({ at: where, back, durationMs, whose: whoseBudget }).map((each) => permit(each, settleMs)),
    fc
      .record({ at: where, back, durationMs, how: fc.constantFrom(...failures) })
      .map((each) => fail(each, settleMs)),
    fc.record({ at: where, back }).map(commit),
    fc.record({ at: where, back }).map(abandon),
    fc.record({ at: where, isBehind: fc.nat(3).map((chance) => chance === 0) }).map(capture),
    fc.record({ at: where }).map(forget),
    fc.record({ at: where }).map(reset),
    fc.record({ at: where }).map(restart),
  ]
  if (stepsMs.length > 0) all.push(fc.record({ at: where, ms: fc.constantFrom(...stepsMs) }).map(passTime))
  // Of what makes a whole login there is more, or few get as far as their end.
  return [...all, all[0], all[1], all[1], all[2], all[3]].filter((each) => each !== undefined)
}

const failures = ['bad_credentials', 'locked', 'captcha', 'timeout_after_submit'] as const

interface BeginDetails {
  at: Where
  tag: string
  whose: string
  force: boolean
  isBehind: boolean
  isRepeated: boolean
}

function begin(details: BeginDetails): Command {
  const { at, tag, whose, force, isBehind, isRepeated } = details
  return command('begin', details, async (modelled, real) => {
    const { model, invariants, logins } = modelled
    const place = placeOf(real, at)
    const newest = isRepeated ? logins[0] : undefined
    const start = startOf({
      operationId: newest?.operationId ?? randomUUID(),
      fromGeneration: Math.max(0, model.generationOf(place.session) - (isBehind ? 1 : 0)),
      ...{ budget: budgetOf(modelled, whose), credentialsTag: tag, force },
    })
    const answer = await step(modelled, real, at, {
      real: (store) => store.beginLogin(place, start),
      model: (nowMs, given) => model.begin(place, start, { nowMs, fence: given.begun ? given.fence : 0 }),
      same: (given, expected, slackMs) =>
        sameBegin(
          given.begun ? { reason: 'begun', failuresInRow: given.failuresInRow } : given,
          expected,
          slackMs,
        ),
    })
    if (!answer.begun || newest) return
    ok(answer.fence > (logins[0]?.fence ?? 0), 'fences only grow')
    invariants.begun({ tag })
    const { operationId, fromGeneration } = start
    logins.unshift({ fence: answer.fence, place, operationId, fromGeneration, tag, force })
  })
}

/** A wait that was told is right to what went by while it was asked for. */
function sameBegin(given: ModelAnswer, expected: ModelAnswer, slackMs: number): void {
  const { waitMs: toldMs, reason, failuresInRow } = given
  deepStrictEqual(
    { reason, failuresInRow },
    { reason: expected.reason, failuresInRow: expected.failuresInRow },
  )
  if (toldMs === undefined || expected.waitMs === undefined) {
    deepStrictEqual(toldMs, expected.waitMs)
    return
  }
  const tooMuchMs = toldMs - expected.waitMs
  ok(tooMuchMs >= 0 && tooMuchMs <= slackMs, `told to wait ${toldMs} ms instead of ${expected.waitMs} ms`)
}

function permit(
  details: { at: Where; back: number; durationMs: number; whose: string },
  settleMs: number,
): Command {
  const { at, durationMs, whose } = details
  return withLogin('permit', details, async (modelled, real, login) => {
    const request = { fence: login.fence, durationMs, budget: budgetOf(modelled, whose) }
    const answer = await step(modelled, real, at, {
      real: (store) => store.grantPermit(login.place, request),
      model: (nowMs) => modelled.model.grant(request, nowMs),
      after: ({ submissions }, given) => {
        const mine = submissions.find(({ fence }) => fence === login.fence)
        if (given === 'granted') modelled.invariants.granted(login, mine?.atMs ?? 0)
      },
    })
    if (answer === 'granted') await real.passTime(settleMs)
  })
}

function fail(
  details: { at: Where; back: number; durationMs: number; how: (typeof failures)[number] },
  settleMs: number,
): Command {
  const { at, durationMs: delayMs, how } = details
  return withLogin('fail', details, async (modelled, real, login) => {
    const { model, invariants } = modelled
    const isLocked = how === 'locked'
    const report = reportOf(login.fence, {
      failure: { class: how, detail: `it said ${how}` },
      delayMs,
      answered: failurePolicies[how].answered,
      ...(how === 'bad_credentials' && { breaker: { credentialsTag: login.tag } }),
      ...(isLocked && { breaker: {} }),
    })
    const counts = model.isNewest(login.fence)
    await step(modelled, real, at, {
      real: (store) => store.failLogin(login.place, report),
      model: (nowMs) => model.fail(report, nowMs),
    })
    invariants.settled(login.fence, false)
    if (counts && how === 'bad_credentials') invariants.rejected(login.tag)
    await real.passTime(settleMs)
  })
}

function commit(details: { at: Where; back: number }): Command {
  return withLogin('commit', details, async (modelled, real, login) => {
    const { model, invariants } = modelled
    const publishing = { ...login, ...publication() }
    const isAgain = model.hasPublished({ ...login, ...login.place })
    const answer = await step(modelled, real, details.at, {
      real: (store) => store.commitLogin(login.place, publishing),
      model: (nowMs) => model.commit(login.place, publishing, nowMs),
    })
    if (isAgain) return
    invariants.settled(login.fence, true)
    if (answer === 'committed') invariants.closed()
  })
}

function abandon(details: { at: Where; back: number }): Command {
  return withLogin('abandon', details, async (modelled, real, login) => {
    await step(modelled, real, details.at, {
      real: (store) => store.abandonLogin(login.place, login),
      model: (nowMs) => modelled.model.abandon(login.fence, nowMs),
    })
  })
}

/** A person's state, in the place of the one that is there; or, where it comes too late, of the one that was. */
function capture(details: { at: Where; isBehind: boolean }): Command {
  return command('capture', details, async (modelled, real) => {
    const { model } = modelled
    const place = placeOf(real, details.at)
    const { generation, mark } = model.view(place, 0)
    const replaces = mark === undefined ? undefined : { revision: 0, mark }
    const late = { fromGeneration: Math.max(0, generation - 1), replaces: { revision: 0, mark: 'overtaken' } }
    const from = details.isBehind ? late : { fromGeneration: generation, replaces }
    const given = { operationId: randomUUID(), ...from, ...publication() }
    await step(modelled, real, details.at, {
      real: (store) => store.publishCapture(place, given),
      model: () => model.capture(place, given),
    })
  })
}

function forget(details: { at: Where }): Command {
  return command('forget', details, async (modelled, real) => {
    const place = placeOf(real, details.at)
    const generation = modelled.model.generationOf(place.session)
    await step(modelled, real, details.at, {
      real: (store) => store.forgetSession(place, { generation }),
      model: () => modelled.model.forget(place, generation),
    })
  })
}

function reset(details: { at: Where }): Command {
  return command('reset', details, async (modelled, real) => {
    await step(modelled, real, details.at, {
      real: (store) => store.resetLogins(placeOf(real, details.at)),
      model: () => modelled.model.reset(),
    })
    modelled.invariants.closed()
  })
}

function restart(details: { at: Where }): Command {
  return command('restart', details, async (modelled, real) => {
    await real.restart()
    await step(modelled, real, details.at, { real: (store) => store.ping(), model: () => undefined })
  })
}

function passTime(details: { at: Where; ms: number }): Command {
  return command('time', details, async (modelled, real) => {
    await real.passTime(details.ms)
    await step(modelled, real, details.at, { real: (store) => store.ping(), model: () => undefined })
  })
}

type Run = (modelled: ModelledAccount, real: RealAccount) => Promise<void>

function command(name: string, details: object, run: Run): Command {
  return { check: () => true, run, toString: () => `${name} ${JSON.stringify(details)}` }
}

function withLogin(
  name: string,
  details: { back: number },
  run: (modelled: ModelledAccount, real: RealAccount, login: Login) => Promise<void>,
): Command {
  const pick = ({ logins }: Readonly<ModelledAccount>) => logins[Math.min(details.back, logins.length - 1)]
  return {
    check: (modelled) => pick(modelled) !== undefined,
    async run(modelled, real) {
      const login = pick(modelled)
      if (login) await run(modelled, real, login)
    },
    toString: () => `${name} ${JSON.stringify(details)}`,
  }
}

function budgetOf({ budget }: ModelledAccount, whose: string): LoginBudget {
  return whose === 'half' ? halfOf(budget) : budget
}
