import { parseArgs } from 'node:util'
import { play } from './story/play.ts'
import { setStage } from './story/set-stage.ts'
import { showAround } from './story/show-around.ts'
import { createTell } from './story/tell.ts'

// npm run demo [-- --once] [-- --redis] [-- --headed]

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort())
const { signal } = stopping

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean', default: false },
      redis: { type: 'boolean', default: false },
      headed: { type: 'boolean', default: false },
    },
  })
  const tell = createTell((text) => process.stdout.write(text), performance.now.bind(performance))
  await using opened = new AsyncDisposableStack()
  opened.defer(() => tell.title('Everything is ended and cleared away.'))
  try {
    tell.title('Setting the stage')
    const stage = await setStage(opened, {
      redis: values.redis,
      headless: !values.headed,
      signal,
      say: tell.step,
    })
    await play(stage, tell, signal)
    if (values.once) return 0
    showAround(stage, tell)
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    return 0
  } catch (error) {
    if (signal.aborted) return 130
    tell.plain(`\nThe demo failed: ${error instanceof Error ? error.message : error}`)
    return 1
  }
}

process.exitCode = await main()
