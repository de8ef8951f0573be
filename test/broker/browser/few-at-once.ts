/** Works on all items, three at a time: more pages at once slow each other down into the bounds of a login. */
export async function fewAtOnce<T>(items: Iterable<T>, work: (item: T) => Promise<unknown>): Promise<void> {
  const left = [...items].values()
  const worker = async () => {
    for (const item of left) await work(item)
  }
  await Promise.all([worker(), worker(), worker()])
}
