import { ProblemError } from '@session-broker/shared'
import { z } from 'zod'
import { answers, openProblems } from '../problem/route-problems.ts'
import { within } from '../wait/bounded-wait.ts'
import type { ApiScope, RouteContext } from './route-context.ts'

const longestPingMs = 2_000

const schema = {
  operationId: 'tellReadiness',
  tags: ['service'],
  summary: 'Whether requests should be sent here',
  description: 'Asks the store, for two seconds at most; a broker that stops is not ready. Needs no key.',
  security: [],
  response: {
    200: answers('They should.', z.object({ status: z.literal('ready') })),
    ...openProblems('store_unavailable', 'shutting_down'),
  },
}

/** `GET /readyz`. */
export function addTellReadiness(api: ApiScope, { store, clock, stopping }: RouteContext): void {
  let ping: Promise<boolean> | undefined

  /** Whoever asks meanwhile shares the answer: the store is asked once at a time. */
  function storeAnswers(): Promise<boolean> {
    ping ??= askStore().finally(() => {
      ping = undefined
    })
    return ping
  }

  async function askStore(): Promise<boolean> {
    const bound = new AbortController()
    const timer = new AbortController()
    void clock.wait(longestPingMs, timer.signal).then(() => bound.abort())
    const answer = store.ping().then(
      () => true,
      () => false,
    )
    const answered = await within(answer, bound.signal)
    timer.abort()
    return answered ?? false
  }

  api.route({
    method: 'GET',
    url: '/readyz',
    schema,
    async handler(_request, reply) {
      if (stopping.aborted) throw new ProblemError('shutting_down', 'this broker is stopping')
      if (!(await storeAnswers())) throw new ProblemError('store_unavailable', 'the store does not answer')
      reply.header('cache-control', 'no-store')
      return { status: 'ready' as const }
    },
  })
}
