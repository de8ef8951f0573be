const turns = new WeakMap<object, Promise<unknown>>()

/**
 * Runs one after the other what is run for the same Chrome: the hold on requests belongs to the connection, and the
 * first to end would let go those of the other.
 */
export function inTurn<T>(chrome: object, run: () => Promise<T>): Promise<T> {
  const turn = (turns.get(chrome) ?? Promise.resolve()).then(run)
  turns.set(
    chrome,
    turn.catch(() => {}),
  )
  return turn
}
