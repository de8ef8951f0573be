/** What of a Redis URL may be shown: the host, the port and the database, never the user and the password. */
export function addressOf(url: string): string {
  const { protocol, hostname, port, pathname } = new URL(url)
  const database = pathname.length > 1 ? pathname : ''
  return `${protocol}//${hostname}:${port || '6379'}${database}`
}
