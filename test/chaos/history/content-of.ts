import { createHash } from 'node:crypto'
import type { SessionState } from '@session-broker/shared'

/** Names a state by what the site recognizes it by. */
export function contentOf({ cookies }: Pick<SessionState, 'cookies'>): string {
  const shown = cookies.filter(({ name }) => name === 'sid').map(({ value }) => value)
  return createHash('sha256').update(shown.join(' ')).digest('hex').slice(0, 16)
}
