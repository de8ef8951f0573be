import type { SessionPlace } from '../../session/ports/session-store.ts'
import type { RedisConnection } from './connect.ts'
import { changesChannel, keysOf } from './keys.ts'
import { asStoreProblem } from './store-problem.ts'

/** One atomic step on an account. */
export interface Script {
  name: string
  lua: string
}

/** @throws ProblemError `store_unavailable` */
export type RunScript = (
  script: Script,
  place: SessionPlace,
  args?: readonly (string | number)[],
) => Promise<unknown>

/**
 * What every script begins with: its keys; `now`, milliseconds since 1970 by the server's clock, the only one that all
 * replicas share; `tell`, which publishes the change in the same step that makes it.
 * The script's own arguments begin at ARGV[3].
 */
const prelude = `
local session, login = KEYS[1], KEYS[2]
local name, channel = ARGV[1], ARGV[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function tell() redis.call('PUBLISH', channel, name) end
local function isRunning(phase) return phase == 'begun' or phase == 'permitted' end
`

export function defineScript(name: string, lua: string): Script {
  return { name, lua: prelude + lua }
}

export function createScriptRunner({ client, address }: RedisConnection): RunScript {
  // ioredis adds a defined command to the client as a method, which its types cannot know.
  const methods = client as unknown as Record<string, (...args: (string | number)[]) => Promise<unknown>>
  return async ({ name, lua }, place, args = []) => {
    if (!methods[name]) client.defineCommand(name, { numberOfKeys: 2, lua })
    const keys = keysOf(place)
    try {
      return await methods[name]?.(keys.session, keys.login, place.session, changesChannel, ...args)
    } catch (error) {
      throw asStoreProblem(address, error)
    }
  }
}
