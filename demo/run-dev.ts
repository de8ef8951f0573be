import { setStage } from './story/set-stage.ts'
import { showAround } from './story/show-around.ts'
import { createTell } from './story/tell.ts'

// npm run dev: the local site, a broker, two Chromes and a worker for each, as in the demo. Broker and workers start again when
// one of their sources changes; what they log is shown.

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort())
const { signal } = stopping
const tell = createTell((text) => process.stdout.write(text), performance.now.bind(performance))

async function main(): Promise<number> {
  await using opened = new AsyncDisposableStack()
  try {
    const stage = await setStage(opened, {
      redis: false,
      headless: true,
      watch: true,
      signal,
      say: tell.step,
      onLine: (name, line) => tell.plain(`${name.padEnd(8)} ${line}`),
    })
    showAround(stage, tell)
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    return 0
  } catch (error) {
    if (signal.aborted) return 130
    tell.plain(`\nIt could not be started: ${error instanceof Error ? error.message : error}`)
    return 1
  }
}

process.exitCode = await main()
