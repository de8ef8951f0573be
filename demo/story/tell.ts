/** What the demo says, with the time since it began. */
export interface Tell {
  title(text: string): void
  step(text: string): void
  done(text: string): void
  plain(text: string): void
}

export function createTell(write: (text: string) => void, nowMs: () => number): Tell {
  const startMs = nowMs()
  const stamp = () => `${((nowMs() - startMs) / 1000).toFixed(1).padStart(5)} s`
  return {
    title: (text) => write(`\n${text}\n`),
    step: (text) => write(`  ${stamp()}  ${text}\n`),
    done: (text) => write(`  ${stamp()}  ✓ ${text}\n`),
    plain: (text) => write(`${text}\n`),
  }
}
