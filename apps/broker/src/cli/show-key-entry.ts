import type { Scope } from '@session-broker/shared'
import { Document } from 'yaml'

/** The line below `keys:` by which the config knows a key. By the library, since a name may look like a number to YAML. */
export function showKeyEntry(entry: {
  name: string
  /** `sha256:` and 64 hex digits. */
  hash: string
  scopes: readonly Scope[]
  sessions?: readonly string[]
}): string {
  const document = new Document(entry, { flow: true })
  return `- ${document.toString({ lineWidth: 0 }).trim()}`
}
