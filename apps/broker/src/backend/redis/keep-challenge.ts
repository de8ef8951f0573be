import { challengeKindSchema } from '@session-broker/shared'
import { z } from 'zod'
import {
  type ChallengeBoard,
  type ChallengeOpening,
  type ChallengePosted,
  mostAnswers,
} from '../../session/ports/challenge-board.ts'
import type { SealedNote } from '../../session/ports/note-sealer.ts'
import type { SessionPlace } from '../../session/ports/session-store.ts'
import { challengeLua, defineScript, type RunScript } from './run-script.ts'

/** What is left of a challenge when its broker dies goes by itself. */
const keptAfterMs = 60_000

const openScript = defineScript(
  'sbOpenChallenge',
  challengeLua,
  `
local id, fence, kind, prompt, expiresInMs, perDay = ARGV[4], ARGV[5], ARGV[6], ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9])
local newest = redis.call('HMGET', login, 'fence', 'phase')
if newest[1] ~= fence or not isRunning(newest[2]) then return 'fenced' end

-- Asked once more, since the answer was lost.
if redis.call('HGET', challenge, 'id') == id then return 'opened' end
if #readChallenged() >= perDay then return 'budget_spent' end
redis.call('HSET', challenged, id, whole(now))

redis.call('DEL', challenge, answers)
redis.call('HSET', challenge, 'id', id, 'session', name, 'fence', fence, 'kind', kind, 'prompt', prompt,
  'openedAtMs', whole(now), 'expiresAtMs', whole(now + expiresInMs), 'pictureNumber', 0)
redis.call('PEXPIRE', challenge, expiresInMs + ${keptAfterMs})
tell()
return 'opened'
`,
)

const readScript = defineScript(
  'sbReadChallenge',
  challengeLua,
  `
if not findChallenge() then return false end
local fields = redis.call('HMGET', challenge, 'id', 'kind', 'openedAtMs', 'expiresAtMs', 'prompt', 'pictureNumber')
local isNew = tonumber(fields[6]) > tonumber(ARGV[4])
fields[7] = isNew and redis.call('HGET', challenge, 'picture') or ''
return fields
`,
)

const showScript = defineScript(
  'sbShowPicture',
  challengeLua,
  `
if not findChallenge(ARGV[4]) then return 0 end
redis.call('HSET', challenge, 'picture', ARGV[5])
redis.call('HINCRBY', challenge, 'pictureNumber', 1)
return 1
`,
)

const giveScript = defineScript(
  'sbGiveAnswer',
  challengeLua,
  `
if not findChallenge(ARGV[4]) then return 'absent' end
if redis.call('LLEN', answers) >= ${mostAnswers} then return 'full' end
redis.call('RPUSH', answers, ARGV[5])
redis.call('PEXPIRE', answers, redis.call('PTTL', challenge))
return 'given'
`,
)

const takeScript = defineScript(
  'sbTakeAnswers',
  challengeLua,
  `
if not findChallenge(ARGV[4]) then return {} end
local all = redis.call('LRANGE', answers, 0, -1)
redis.call('DEL', answers)
return all
`,
)

const closeScript = defineScript(
  'sbCloseChallenge',
  `
if redis.call('HGET', challenge, 'id') == ARGV[4] then
  redis.call('DEL', challenge, answers)
  tell()
end
return 1
`,
)

const openedSchema = z.enum(['opened', 'fenced', 'budget_spent'])
const givenSchema = z.enum(['given', 'absent', 'full'])
const number = z.coerce.number()
const note = z.string().transform((text) => text as SealedNote)
const postedSchema = z.tuple([z.string(), challengeKindSchema, number, number, note, number, note]).nullable()

/** The challenges of accounts, at any of the brokers that share this Redis. */
export function keepChallenges(run: RunScript): ChallengeBoard {
  return {
    async openChallenge(place, opening: ChallengeOpening) {
      const { id, fence, kind, prompt, expiresInMs, perDay } = opening
      const args = [id, fence, kind, prompt, Math.ceil(expiresInMs), perDay]
      return openedSchema.parse(await run(openScript, place, args))
    },
    readChallenge: (place, knownPicture) => readChallenge(run, place, knownPicture),
    showPicture: async (place, { id, picture }) => (await run(showScript, place, [id, picture])) === 1,
    giveAnswer: async (place, { id, answer }) =>
      givenSchema.parse(await run(giveScript, place, [id, answer])),
    takeAnswers: async (place, id) => z.array(note).parse(await run(takeScript, place, [id])),
    async closeChallenge(place, id) {
      await run(closeScript, place, [id])
    },
  }
}

async function readChallenge(
  run: RunScript,
  place: SessionPlace,
  knownPicture: number,
): Promise<ChallengePosted | undefined> {
  const found = postedSchema.parse(await run(readScript, place, [knownPicture]))
  if (!found) return undefined
  const [id, kind, openedAtMs, expiresAtMs, prompt, pictureNumber, picture] = found
  return {
    ...{ id, kind, openedAtMs, expiresAtMs, prompt, pictureNumber },
    ...(picture !== '' && { picture }),
  }
}
