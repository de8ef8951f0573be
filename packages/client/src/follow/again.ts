/** Runs `task` alone: who asks while it runs gets the run after it, together with all others who do. */
export function createAgain(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  const run = () => {
    const started = task().finally(() => {
      running = undefined
    })
    running = started
    return started
  }
  return () => {
    // Asked for first: between the end of a run and the start of the one that waits for it, none runs.
    if (next) return next
    if (!running) return run()
    next = running
      .catch(() => undefined)
      .then(() => {
        next = undefined
        return run()
      })
    return next
  }
}
