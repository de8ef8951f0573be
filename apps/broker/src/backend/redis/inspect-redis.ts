import { ProblemError } from '@session-broker/shared'
import { z } from 'zod'
import type { Master } from './connection.ts'

type Client = Master['client']

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
    risk: 'when its memory is full, Redis throws away what has a time to live, locks and running refreshes among it',
  },
]

/**
 * Says in plain words what these servers may lose as they are set; nothing where they keep all that they acknowledge.
 * @throws ProblemError `store_unavailable` where one would throw sessions away.
 */
export async function inspectRedis(masters: readonly Master[]): Promise<string[]> {
  const addresses = new Map<string, string[]>()
  for (const { address, client } of masters) {
    for (const warning of await inspectServer(client, address)) {
      addresses.set(warning, [...(addresses.get(warning) ?? []), address])
    }
  }
  return [...addresses].map(([warning, at]) => `Redis at ${at.join(', ')}: ${warning}`)
}

async function inspectServer(client: Client, address: string): Promise<string[]> {
  const warnings: string[] = []
  let isLogged = true
  for (const { name, wanted, risk } of settings) {
    if (name === 'appendfsync' && !isLogged) continue
    const value = await readSetting(client, name)
    if (name === 'appendonly') isLogged = value !== 'no'
    if (name === 'maxmemory-policy') refuseEviction(value, address)
    if (value === undefined) warnings.push(`its setting ${name} cannot be read: it should be ${wanted}`)
    else if (value !== wanted) warnings.push(`its ${name} is ${value}: ${risk}; set it to ${wanted}`)
  }
  if (await mayForgetAtFailover(client)) {
    warnings.push(
      'it has replicas, and its min-replicas-to-write is 0: when one takes its place, what was acknowledged last may be ' +
        'missing; set it to 1 or more',
    )
  }
  return warnings
}

function refuseEviction(policy: string | undefined, address: string): void {
  if (!policy?.startsWith('allkeys-')) return
  throw new ProblemError(
    'store_unavailable',
    `Redis at ${address} cannot hold sessions: its maxmemory-policy is ${policy}, so that it throws any of them away when ` +
      'its memory is full; set it to noeviction, or use another Redis',
  )
}

async function mayForgetAtFailover(client: Client): Promise<boolean> {
  const replication = await unlessRefused(() => client.info('replication'))
  if (!/^connected_slaves:[1-9]/m.test(replication ?? '')) return false
  return (await readSetting(client, 'min-replicas-to-write')) === '0'
}

/** Undefined where the server doesn't tell: hosted ones often forbid CONFIG. */
async function readSetting(client: Client, name: string): Promise<string | undefined> {
  return settingSchema.parse((await unlessRefused(() => client.config('GET', name))) ?? [])[1]
}

async function unlessRefused<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') return undefined
    throw error
  }
}
