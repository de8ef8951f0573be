/** The addresses of one broker. Calls stay with one of them until it fails, then all move on together. */
export interface Replicas {
  readonly count: number
  current(): URL
  /** Takes the next one, unless somebody has moved on from `failed` already. */
  moveOn(failed: URL): void
}

/** Starts anywhere, so that many clients spread over the replicas. Throws a TypeError for what is no broker's address. */
export function createReplicas(given: string | readonly string[], random: () => number): Replicas {
  const urls = [given].flat().map(parseBrokerUrl)
  const [first] = urls
  if (!first) throw new TypeError('a broker URL is needed')
  let at = Math.floor(random() * urls.length)
  const current = () => urls[at] ?? first
  return {
    count: urls.length,
    current,
    moveOn(failed) {
      if (current() === failed) at = (at + 1) % urls.length
    },
  }
}

function parseBrokerUrl(given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new TypeError('a broker URL has the form https://host:port')
  }
  if (url.username || url.password)
    throw new TypeError('a broker URL holds no credentials: the key is given apart')
  url.search = ''
  url.hash = ''
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}
