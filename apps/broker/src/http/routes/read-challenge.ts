import { challengeSchema } from '@session-broker/shared'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { absentChallenge } from '../../session/challenge/answer-challenge.ts'
import { readChallenge } from '../../session/challenge/read-challenge.ts'
import type { SessionDefinition } from '../../session/session-definition.ts'
import { principalOf } from '../access/principal.ts'
import { answers, answersNothing, sessionProblems } from '../problem/route-problems.ts'
import { namesEtag } from '../request/if-none-match.ts'
import { boundWait } from '../wait/bounded-wait.ts'
import { preferredWaitSeconds } from '../wait/prefer-wait.ts'
import { type ApiScope, keyOf, type RouteContext } from './route-context.ts'
import { sessionQuerySchema } from './session-query.ts'

const schema = {
  operationId: 'readChallenge',
  tags: ['challenge'],
  summary: 'What the site asks of a person',
  description:
    'While a login waits for a person: what the page says, and a picture of it. With `If-None-Match` and `Prefer: wait=N` the ' +
    'answer comes as soon as the page looks otherwise, or 304 after N seconds; so one watches it live. `GET /session` tells ' +
    'whether there is one. Scope: operate.',
  security: keyOf('operate'),
  querystring: sessionQuerySchema,
  headers: z.object({
    'if-none-match': z.string().exactOptional().meta({ description: 'The ETag of the picture at hand.' }),
    prefer: z.string().exactOptional().meta({ description: '`wait=N`: seconds, at most 60 (RFC 7240).' }),
  }),
  response: {
    200: answers('What is asked, and the page as it is now.', challengeSchema),
    304: answersNothing('The page still looks as it did.'),
    ...sessionProblems('challenge_absent', 'store_unavailable', 'state_unreadable'),
  },
}

const pollMs = 150

/** `GET /session/challenge`. */
export function addReadChallenge(api: ApiScope, context: RouteContext): void {
  const { guard, sessions, challenges, clock, stopping } = context

  interface Reader {
    definition: SessionDefinition
    etag: string | undefined
    seconds: number
    reply: FastifyReply
  }

  /** Looks until there is something that the reader does not know; undefined where its time is over. */
  async function newest({ definition, etag, seconds, reply }: Reader) {
    const wait = boundWait(reply.raw, { seconds, clock, stopping })
    try {
      for (;;) {
        const found = await readChallenge(challenges, definition, knownNumber(etag))
        if (!found) throw absentChallenge(definition.session)
        const now = etagOf(found.challenge.id, found.pictureNumber)
        if (!namesEtag(etag, now)) return { challenge: await whole(definition, found.challenge), etag: now }
        if (wait.signal.aborted) return undefined
        await clock.wait(pollMs, wait.signal)
      }
    } finally {
      wait.end()
    }
  }

  /** The picture was left out where its number is that of a former challenge's. */
  async function whole(definition: SessionDefinition, challenge: z.infer<typeof challengeSchema>) {
    if (challenge.picture) return challenge
    return (await readChallenge(challenges, definition))?.challenge ?? challenge
  }

  api.route({
    method: 'GET',
    url: '/session/challenge',
    schema,
    onRequest: guard.requires('operate'),
    async handler(request, reply) {
      const { definition } = sessions.pick(principalOf(request), request.query.session)
      const etag = request.headers['if-none-match']
      const seconds = (etag !== undefined && preferredWaitSeconds(request.headers.prefer)) || 0
      const found = await newest({ definition, etag, seconds, reply })
      reply.header('cache-control', 'no-store')
      if (!found) return reply.code(304).send(null)
      reply.header('etag', found.etag)
      return found.challenge
    },
  })
}

function etagOf(id: string, pictureNumber: number): string {
  return `"${id}.${pictureNumber}"`
}

function knownNumber(etag: string | undefined): number {
  return Number(/\.(\d{1,9})"$/.exec(etag ?? '')?.[1] ?? 0)
}
