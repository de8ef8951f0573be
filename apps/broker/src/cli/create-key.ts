import { UserMistake } from '@session-broker/program/command-line'
import { scopeSchema, sessionNameSchema } from '@session-broker/shared'
import { z } from 'zod'
import { keyNameSchema } from '../config/config-schema.ts'
import { createApiKey, hashApiKey } from './new-api-key.ts'
import { showKeyEntry } from './show-key-entry.ts'
import type { Surroundings } from './surroundings.ts'

export interface CreateKeyOptions {
  name: string
  scopes: string[]
  /** Left out: all. */
  sessions?: string[]
}

/** Makes a key, shows it this once, and gives the line by which the config knows it. */
export function createKey(options: CreateKeyOptions, { stdout }: Pick<Surroundings, 'stdout'>): void {
  const name = read('--name', keyNameSchema, options.name)
  const scopes = options.scopes.map((scope) => read('--scopes', scopeSchema, scope))
  const sessions = options.sessions?.map((session) => read('--sessions', sessionNameSchema, session))
  const key = createApiKey()
  const entry = { name, hash: `sha256:${hashApiKey(key)}`, scopes, ...(sessions && { sessions }) }
  stdout.write(
    [
      `The key of ${name}, shown this once (a worker finds it in SESSION_BROKER_KEY):`,
      '',
      key,
      '',
      'Its line for session-broker.yaml, below "keys:":',
      '',
      `  ${showKeyEntry(entry)}`,
      '',
    ].join('\n'),
  )
}

function read<T>(option: string, schema: z.ZodType<T>, text: string): T {
  const result = schema.safeParse(text)
  if (result.success) return result.data
  const message =
    schema instanceof z.ZodEnum ? `knows ${schema.options.join(', ')}` : result.error.issues[0]?.message
  throw new UserMistake(`${option} ${message}`)
}
