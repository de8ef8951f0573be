import { ProblemError, type Scope } from '@session-broker/shared'
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import type { HttpOptions } from '../http-dependencies.ts'
import { realm } from '../problem/send-problem.ts'
import { anyone, type Principal } from './principal.ts'
import { createKeyRing } from './recognize-key.ts'

/** Counts a wrong key against the address it came from. @throws ProblemError `rate_limited` beyond the limit. */
export type CountWrongKey = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

export interface Guard {
  /** Asks for a key with this scope. */
  requires(scope: Scope): onRequestHookHandler
  /** Takes a key where one is shown; a wrong one is refused all the same. */
  welcomes(): onRequestHookHandler
}

/**
 * Stands before each route. Hooks with `done`, not promises: they stand in the way of every read.
 * @throws (by `done`) ProblemError `key_missing`, `key_unknown`, `scope_missing`, `rate_limited`.
 */
export function createGuard(
  { keys, insecureNoAuth }: Pick<HttpOptions, 'keys' | 'insecureNoAuth'>,
  countWrongKey: CountWrongKey,
): Guard {
  const ring = createKeyRing(keys)
  const recognize = insecureNoAuth ? () => anyone : ring

  function requires(scope: Scope): onRequestHookHandler {
    return function askForKey(request, reply, done) {
      try {
        const principal = recognize(request.headers.authorization)
        requireScope(principal, scope, reply)
        request.principal = principal
      } catch (error) {
        return refuse(error, { request, reply, done })
      }
      done()
    }
  }

  function welcomes(): onRequestHookHandler {
    return function takeKey(request, reply, done) {
      try {
        const { authorization } = request.headers
        if (insecureNoAuth || authorization !== undefined) request.principal = recognize(authorization)
      } catch (error) {
        return refuse(error, { request, reply, done })
      }
      done()
    }
  }

  function refuse(
    error: unknown,
    { request, reply, done }: { request: FastifyRequest; reply: FastifyReply; done: (error?: Error) => void },
  ): void {
    const refusal = error instanceof Error ? error : new Error('a key could not be read', { cause: error })
    const isGuess = refusal instanceof ProblemError && refusal.code === 'key_unknown'
    if (isGuess) countWrongKey(request, reply).then(() => done(refusal), done)
    else done(refusal)
  }

  return { requires, welcomes }
}

/** @throws ProblemError `scope_missing`, naming the scope, in the challenge too (RFC 6750 §3.1). */
export function requireScope(principal: Principal, scope: Scope, reply: FastifyReply): void {
  if (principal.scopes.has(scope)) return
  reply.header('www-authenticate', `${realm}, error="insufficient_scope", scope="${scope}"`)
  throw new ProblemError('scope_missing', `the key ${principal.name} lacks the scope ${scope}`)
}
