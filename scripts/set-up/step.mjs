const stillEveryMs = 10_000

/**
 * Does one step of the set-up and tells of it: a line when it starts, one every ten seconds with the last thing that
 * was heard, and one when it is done.
 *
 * @template T
 * @param {string} title
 * @param {(onLine: (line: string) => void) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const startedAt = Date.now()
  const seconds = () => `${((Date.now() - startedAt) / 1000).toFixed(1)} s`
  let last = ''
  say(`${title} …`)
  const timer = setInterval(() => say(`  ${seconds()} ${last.slice(0, 90)}`), stillEveryMs)
  try {
    const result = await work((line) => {
      last = line
    })
    say(`${title}: done in ${seconds()}`)
    return result
  } catch (error) {
    say(`${title}: failed after ${seconds()}`)
    throw error
  } finally {
    clearInterval(timer)
  }
}

/** On standard error: a program's own output stays clean (`npm run -s broker -- keys create > key`). */
export function say(line) {
  process.stderr.write(`set-up · ${line}\n`)
}
