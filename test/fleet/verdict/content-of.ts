import { hash } from 'node:crypto'

/** Names what a Chrome holds, without showing it. */
export function contentOf({ cookies }: { cookies: readonly { name: string; value: string }[] }): string {
  const pairs = cookies.map(({ name, value }) => `${name}=${value}`).sort()
  return hash('sha256', pairs.join('; ')).slice(0, 16)
}
