import { z } from 'zod'
import type { WriterBoard, WriterLease } from '../../session/ports/writer-board.ts'
import { defineScript, type RunScript } from './run-script.ts'

const holderLua = `
local worker = ARGV[4]
local known = redis.call('HMGET', writer, 'worker', 'endsAtMs')
local isHeld = known[1] and now < tonumber(known[2])
if isHeld and known[1] ~= worker then return known end
`

const claim = defineScript(
  'sbClaimWriter',
  holderLua,
  `
local endsAtMs = whole(now + tonumber(ARGV[5]))
redis.call('HSET', writer, 'worker', worker, 'endsAtMs', endsAtMs)
redis.call('PEXPIRE', writer, ARGV[5])
return { worker, endsAtMs }
`,
)

const release = defineScript(
  'sbReleaseWriter',
  holderLua,
  `
redis.call('DEL', writer)
return {}
`,
)

const leaseOf = z.tuple([z.string(), z.coerce.number()]).transform(([worker, endsAtMs]) => {
  return { worker, endsAtMs }
})

export function keepWriters(run: RunScript): WriterBoard {
  return {
    async claimWriter(place, { worker, holdMs }): Promise<WriterLease> {
      return leaseOf.parse(await run(claim, place, [worker, holdMs]))
    },
    async releaseWriter(place, { worker }) {
      const left = await run(release, place, [worker])
      return Array.isArray(left) && left.length > 0 ? leaseOf.parse(left) : undefined
    },
  }
}
