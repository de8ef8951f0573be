const ends = new Set<() => void>()

/** Runs `end` when the process exits without having closed first; gives the way to take it back. */
export function atExit(end: () => void): () => void {
  // One listener for however many Chromes: Node warns of a leak from eleven on.
  if (ends.size === 0) process.on('exit', endAll)
  ends.add(end)
  return () => {
    ends.delete(end)
    if (ends.size === 0) process.off('exit', endAll)
  }
}

function endAll(): void {
  for (const end of ends) end()
}
