// Counts the signals that it gets, and ends with 42 once a line says so, or after its first SIGTERM where it is told to.
import { createInterface } from 'node:readline'

const counts: Record<string, number> = {}
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2']) {
  process.on(name, () => {
    counts[name] = (counts[name] ?? 0) + 1
    process.stdout.write(`got ${name}\n`)
    if (name === 'SIGTERM' && process.argv.includes('until-term')) end()
  })
}

async function end(): Promise<void> {
  const address = process.env.CHROME_CDP_URL
  // Whoever tidies up needs its Chrome still.
  const isThere = await fetch(`${address}/json/version`).then(
    (answer) => answer.ok,
    () => false,
  )
  process.stdout.write(`${JSON.stringify({ counts, isThere, address })}\n`, () => process.exit(42))
}

setInterval(() => undefined, 1_000)
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'end') void end()
})
process.stdout.write(`ready, pid ${process.pid}\n`)
