import { type ChallengeAnswer, challengeAnswerSchema, challengeTakenSchema } from '@session-broker/shared'
import { answerChallenge } from '../../session/challenge/answer-challenge.ts'
import { principalOf } from '../access/principal.ts'
import { answers, sessionProblems } from '../problem/route-problems.ts'
import { type ApiScope, keyOf, type RouteContext } from './route-context.ts'
import { sessionQuerySchema } from './session-query.ts'

const schema = {
  operationId: 'answerChallenge',
  tags: ['challenge'],
  summary: 'A person’s answer',
  description:
    'Either the code that the site asks for, or something to do on the page: click, type, press a key, scroll. `done` tells the ' +
    'login to go on with the page as it is, where the page does not move on by itself; `giveUp` ends the login. The answer says ' +
    'only that it was taken: how the login goes on stands in `GET /session`. Every answer is audited, never with what was typed. ' +
    'Scope: operate.',
  security: keyOf('operate'),
  querystring: sessionQuerySchema,
  body: challengeAnswerSchema,
  response: {
    202: answers('The login has it.', challengeTakenSchema),
    ...sessionProblems(
      'challenge_absent',
      'body_malformed',
      'body_too_large',
      'media_type_unsupported',
      'store_unavailable',
    ),
  },
}

/** `POST /session/challenge`. */
export function addAnswerChallenge(api: ApiScope, context: RouteContext): void {
  const { guard, sessions, challenges, log } = context
  api.route({
    method: 'POST',
    url: '/session/challenge',
    schema,
    config: { logged: true },
    onRequest: guard.requires('operate'),
    async handler(request, reply) {
      const principal = principalOf(request)
      const { definition } = sessions.pick(principal, request.query.session)
      const { session } = definition
      await answerChallenge(challenges, definition, request.body)
      log.audit({ session, key: principal.name, reason: kindOf(request.body) }, 'a challenge was answered')
      reply.code(202).header('cache-control', 'no-store')
      return { session, id: request.body.id }
    },
  })
}

/** What was done, not with what. */
function kindOf({ id: _id, ...answer }: ChallengeAnswer): string {
  return Object.keys(answer).join()
}
