import { ProblemError } from '@session-broker/shared'
import { budgetWindowMs } from '../../session/login-budget.ts'
import type { SessionPlace } from '../../session/ports/session-store.ts'
import type { RedisConnection } from './connection.ts'
import { changesChannel, keysOf } from './keys.ts'
import { createServerClock, type ServerClock } from './server-clock.ts'
import { asStoreProblem } from './store-problem.ts'

/** One atomic step on an account. */
export interface Script {
  name: string
  lua: string
}

/** @throws ProblemError `store_unavailable`; then the script has run already, or never will. */
export type RunScript = (
  script: Script,
  place: SessionPlace,
  args?: readonly (string | number)[],
) => Promise<unknown>

/** What a script answers that was reached after its time. */
const late = 'LATE'

/**
 * What every script begins with: its keys; `now`, milliseconds since 1970 by the server's clock, the only one that all
 * replicas share; `tell`, which publishes the change in the same step that makes it.
 *
 * A command that its sender has given up may still arrive (it waits in a buffer, a proxy, a server that hung). Since then others
 * may have acted, so it does nothing any more: each carries the time by which it has to have come.
 * The script's own arguments begin at ARGV[4].
 */
const prelude = `
local session, login, submissions, restraint = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local challenge, answers, challenged, code = KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local writer, workers, timed = KEYS[9], KEYS[10], KEYS[11]
local name, channel, deadline = ARGV[1], ARGV[2], tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now > deadline then return '${late}' end
local function tell() redis.call('PUBLISH', channel, name) end
local function isRunning(phase) return phase == 'begun' or phase == 'permitted' end
local function whole(number) return string.format('%.0f', number) end
`

/**
 * For scripts that count submissions, each of which is kept as \`fence → "atMs outcome"\`. The rules are those of
 * session/login-budget.ts.
 */
export const budgetLua = `
local windowMs = ${budgetWindowMs}

local function readSubmissions()
  local all, kept = redis.call('HGETALL', submissions), {}
  for at = 1, #all, 2 do
    local atMs, outcome = string.match(all[at + 1], '^(%d+) (%a+)$')
    if tonumber(atMs) > now - windowMs then
      kept[#kept + 1] = { fence = all[at], atMs = tonumber(atMs), outcome = outcome }
    end
  end
  table.sort(kept, function(a, b) return a.atMs < b.atMs end)
  return kept
end

local function waitForRoom(times, most)
  if #times < most then return 0 end
  local leaving = times[#times - most + 1]
  return leaving and leaving + windowMs - now or windowMs
end

local function budgetWaitMs(loginsPerDay, failedPerDay)
  local sent, failed = {}, {}
  for _, each in ipairs(readSubmissions()) do
    sent[#sent + 1] = each.atMs
    if each.outcome ~= 'accepted' then failed[#failed + 1] = each.atMs end
  end
  return math.max(waitForRoom(sent, loginsPerDay), waitForRoom(failed, failedPerDay))
end
`

/** For scripts that learn how a submission ended. */
export const settleLua = `
local function settle(fence, outcome)
  local known = redis.call('HGET', submissions, fence)
  if known then redis.call('HSET', submissions, fence, string.match(known, '^%d+') .. ' ' .. outcome) end
end
`

/**
 * For scripts about what is asked of a person: it counts while the login that asks is the newest, and permitted. When people were
 * asked is kept as \`id → atMs\`.
 */
export const challengeLua = `
local function findChallenge(id)
  local known = redis.call('HMGET', challenge, 'id', 'fence', 'expiresAtMs', 'session')
  local newest = redis.call('HMGET', login, 'fence', 'phase', 'permitEndsAtMs')
  if not known[1] or known[4] ~= name or (id and known[1] ~= id) then return nil end
  if known[2] ~= newest[1] or not isRunning(newest[2]) then return nil end
  if now >= tonumber(known[3]) or now >= tonumber(newest[3] or 0) then return nil end
  return known[1]
end

local function readChallenged()
  local all, times = redis.call('HGETALL', challenged), {}
  for at = 1, #all, 2 do
    if tonumber(all[at + 1]) > now - ${budgetWindowMs} then times[#times + 1] = tonumber(all[at + 1])
    else redis.call('HDEL', challenged, all[at]) end
  end
  table.sort(times)
  return times
end
`

export function defineScript(name: string, ...lua: string[]): Script {
  return { name, lua: [prelude, ...lua].join('\n') }
}

/** The time of the server that keeps the account: in a cluster each has its own. */
const readClock = defineScript('sbReadClock', 'return now')

/** @param withinMs how long a command may take to reach the server: as long as its sender waits for it. */
export function createScriptRunner(
  { client, address }: Pick<RedisConnection, 'client' | 'address'>,
  { withinMs }: { withinMs: number },
): RunScript {
  // ioredis adds a defined command to the client as a method, which its types cannot know.
  const methods = client as unknown as Record<string, (...args: (string | number)[]) => Promise<unknown>>
  const clocks = new Map<string, ServerClock>()

  function send({ name, lua }: Script, place: SessionPlace, args: readonly (string | number)[]) {
    const keys = keysOf(place)
    if (!methods[name]) client.defineCommand(name, { numberOfKeys: keys.length, lua })
    return methods[name]?.(...keys, place.session, changesChannel, ...args)
  }

  function clockOf(place: SessionPlace): ServerClock {
    const measure = async () => Number(await send(readClock, place, [Number.MAX_SAFE_INTEGER]))
    const clock = clocks.get(place.account) ?? createServerClock(measure)
    clocks.set(place.account, clock)
    return clock
  }

  return async (script, place, args = []) => {
    try {
      const clock = clockOf(place)
      for (let tries = 0; tries < 2; tries++) {
        const answer = await send(script, place, [(await clock.now()) + withinMs, ...args])
        if (answer !== late) return answer
        // Nothing was done. The server's clock may have jumped: measured anew, the command is as good as it was.
        clock.forget()
      }
    } catch (error) {
      throw asStoreProblem(address, error)
    }
    throw new ProblemError('store_unavailable', `Redis at ${address} does not answer in time`)
  }
}
