import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again until it is so; an error counts as no. @throws the last error when the time is up */
export async function until(isSo: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  const deadline = performance.now() + withinMs
  let last: unknown = new Error(`not so within ${withinMs} ms`)
  while (performance.now() < deadline) {
    try {
      if (await isSo()) return
    } catch (error) {
      last = error
    }
    await sleep(50)
  }
  throw last
}
