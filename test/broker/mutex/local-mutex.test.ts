import t from 'tap'
import { createLocalMutex } from '../../../apps/broker/src/mutex/local-mutex.ts'
import { loginMutexContract, newAccount } from './login-mutex-contract.ts'

t.test('the mutex of a broker that is alone', async (t) => {
  loginMutexContract(t, async () => {
    const mutex = createLocalMutex()
    return [mutex, mutex]
  })

  t.test('gives up what it holds when it is closed', async (t) => {
    const mutex = createLocalMutex()
    const lease = await mutex.tryAcquire(newAccount())
    await mutex.close()
    t.equal(lease?.validForMs(), 0)
  })
})
