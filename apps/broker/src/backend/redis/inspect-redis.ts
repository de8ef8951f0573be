import type { Redis } from 'ioredis'
import { z } from 'zod'

interface Setting {
  name: string
  wanted: string
  /** What another value may cost. */
  risk: string
}

const settingSchema = z.tuple([z.string(), z.string()]).or(z.tuple([]))

const settings: Setting[] = [
  {
    name: 'appendonly',
    wanted: 'yes',
    risk: 'when Redis stops, everything since its last snapshot is lost: sessions, and how often was logged in',
  },
  {
    name: 'appendfsync',
    wanted: 'always',
    risk: 'when the machine of Redis fails, what was acknowledged in the last second or more may be lost',
  },
  {
    name: 'maxmemory-policy',
    wanted: 'noeviction',
    risk: 'when its memory is full, Redis throws sessions away',
  },
]

/** Says in plain words what this Redis may lose as it is set; nothing where it keeps all that it acknowledges. */
export async function inspectRedis(client: Pick<Redis, 'config'>): Promise<string[]> {
  const warnings: string[] = []
  let isLogged = true
  for (const { name, wanted, risk } of settings) {
    if (name === 'appendfsync' && !isLogged) continue
    const value = await readSetting(client, name)
    if (name === 'appendonly') isLogged = value !== 'no'
    if (value === undefined) warnings.push(`its setting ${name} cannot be read: it should be ${wanted}`)
    else if (value !== wanted) warnings.push(`its ${name} is ${value}: ${risk}; set it to ${wanted}`)
  }
  return warnings
}

/** Undefined where the server doesn't tell: hosted ones often forbid CONFIG. */
async function readSetting(client: Pick<Redis, 'config'>, name: string): Promise<string | undefined> {
  try {
    return settingSchema.parse(await client.config('GET', name))[1]
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') return undefined
    throw error
  }
}
