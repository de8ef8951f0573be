import t from 'tap'
import { createAgain } from '../../packages/client/src/follow/again.ts'

/** A task that ends when it is told to, and how many of it run. */
function startCounting() {
  const ends: (() => void)[] = []
  const seen = { under: 0, most: 0, runs: 0 }
  const again = createAgain(async () => {
    seen.runs += 1
    seen.under += 1
    seen.most = Math.max(seen.most, seen.under)
    await new Promise<void>((resolve) => ends.push(resolve))
    seen.under -= 1
  })
  return { again, seen, end: () => ends.shift()?.() }
}

t.test('who asks while it runs gets the run after it, all of them one', async (t) => {
  const { again, seen, end } = startCounting()
  const first = again()
  const others = [again(), again(), again()]
  end()
  await first
  while (seen.runs < 2) await Promise.resolve()
  end()
  await Promise.all(others)
  t.equal(seen.runs, 2)
})

t.test('never two at a time, whenever one asks', async (t) => {
  // Between the end of a run and the start of the next lie some turns of the event loop's microtasks: each is tried.
  for (let turns = 0; turns < 20; turns++) {
    const { again, seen, end } = startCounting()
    const asked = [again(), again()]
    end()
    for (let turn = 0; turn < turns; turn++) await Promise.resolve()
    asked.push(again())
    const all = Promise.all(asked)
    for (let rest = 0; rest < 100; rest++) {
      end()
      await Promise.resolve()
    }
    await all
    t.equal(seen.most, 1, `after ${turns} turns`)
  }
})

t.test('a run that fails takes none of the next with it', async (t) => {
  let runs = 0
  const again = createAgain(async () => {
    runs += 1
    await Promise.resolve()
    if (runs === 1) throw new Error('not now')
  })
  const [first, second] = await Promise.allSettled([again(), again()])
  t.match(first, { status: 'rejected', reason: { message: 'not now' } })
  t.match(second, { status: 'fulfilled' })
})
