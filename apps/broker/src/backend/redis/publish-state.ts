import { keptLifetimes } from '../../session/session-lifetimes.ts'

/**
 * For scripts that publish a state as the next generation: one that the site has just been seen to take for signed in. The rules
 * for lifetimes are those of session/session-lifetimes.ts.
 */
export const publishLua = `
local function noteLifetime()
  local ending = redis.call('HMGET', session, 'verdict', 'obtainedAtMs', 'aliveAtMs', 'lifetimesMs', 'sealed')
  if not ending[5] or ending[1] ~= 'signed_out' then return end
  local lifetimes = { whole(tonumber(ending[3] or ending[2]) - tonumber(ending[2])) }
  for lifetime in string.gmatch(ending[4] or '', '%d+') do
    if #lifetimes < ${keptLifetimes} then lifetimes[#lifetimes + 1] = lifetime end
  end
  redis.call('HSET', session, 'lifetimesMs', table.concat(lifetimes, ' '))
end

local function publish(fromGeneration, operationId, mark, sealed)
  noteLifetime()
  local at = whole(now)
  redis.call('HSET', session,
    'generation', fromGeneration + 1, 'revision', 0, 'mark', mark, 'obtainedAtMs', at, 'publishedAtMs', at,
    'verdict', 'signed_in', 'checkedAtMs', at, 'aliveAtMs', at, 'operationId', operationId, 'sealed', sealed)
end
`
