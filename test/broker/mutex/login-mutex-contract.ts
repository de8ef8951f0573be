import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { LoginMutex } from '../../../apps/broker/src/session/ports/login-mutex.ts'

let accounts = 0

/** An account that no other test has touched. */
export function newAccount(): string {
  accounts += 1
  return `acct-${process.pid}-${accounts}`
}

/** What every mutex promises, held against several replicas of it; the same one where there can be only one. */
export function loginMutexContract(t: Test, start: (t: Test) => Promise<LoginMutex[]>): void {
  t.test('keeps the contract', async (t) => {
    const mutexes = await start(t)
    const [mutex, other] = mutexes as [LoginMutex, LoginMutex]

    await t.test('of many who try at once at most one holds an account', async (t) => {
      const account = newAccount()
      const tries = Array.from({ length: 30 }, (_, index) =>
        mutexes[index % mutexes.length]?.tryAcquire(account),
      )
      const leases = (await Promise.all(tries)).filter((lease) => lease !== undefined)
      t.ok(leases.length <= 1)
      await Promise.all(leases.map((lease) => lease.release()))
    })

    await t.test(
      'whoever comes second gets nothing, and the account as soon as it is released',
      async (t) => {
        const account = newAccount()
        const lease = await mutex.tryAcquire(account)
        t.ok((lease?.validForMs() ?? 0) > 0)
        t.equal(await other.tryAcquire(account), undefined)
        t.equal(await mutex.tryAcquire(account), undefined)
        await lease?.release()
        t.equal(lease?.validForMs(), 0)
        const next = await other.tryAcquire(account)
        t.ok((next?.validForMs() ?? 0) > 0)
        await lease?.release()
        t.equal(await mutex.tryAcquire(account), undefined, 'a second release takes nothing from the next')
        t.ok((next?.validForMs() ?? 0) > 0)
        await next?.release()
      },
    )

    await t.test('accounts do not wait for each other', async (t) => {
      const leases = await Promise.all([mutex.tryAcquire(newAccount()), other.tryAcquire(newAccount())])
      t.ok(leases.every((lease) => lease !== undefined && lease.validForMs() > 0))
      await Promise.all(leases.map((lease) => lease?.release()))
    })

    await t.test('never more than one is inside, hand over hand', async (t) => {
      const account = newAccount()
      let inside = 0
      let most = 0
      let turns = 0
      const visit = async (own: LoginMutex) => {
        while (turns < 20) {
          const lease = await own.tryAcquire(account)
          if (lease) {
            inside += 1
            most = Math.max(most, inside)
            turns += 1
            await sleep(2)
            inside -= 1
            await lease.release()
          }
          await sleep(Math.random() * 5)
        }
      }
      await Promise.all(mutexes.flatMap((each) => [visit(each), visit(each)]))
      t.equal(most, 1)
    })
  })
}
