import { type Scope, scopeSchema } from '@session-broker/shared'
import type { FastifyRequest } from 'fastify'
import type { ApiKey } from './api-key.ts'

/** Who asks: the key that was shown, ready for quick questions. */
export interface Principal {
  name: string
  scopes: ReadonlySet<Scope>
  /** Left out: every session. */
  sessions?: ReadonlySet<string>
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard; absent where no key was asked for and none shown. */
    principal: Principal | undefined
  }
}

export function principalOfKey(key: ApiKey): Principal {
  return {
    name: key.name,
    scopes: new Set(key.scopes),
    ...(key.sessions && { sessions: new Set(key.sessions) }),
  }
}

/** Whoever asks where keys are switched off. */
export const anyone: Principal = { name: 'anyone', scopes: new Set(scopeSchema.options) }

/** @throws where the route has no guard: a mistake in the program. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new Error('this route asks for no key')
  return request.principal
}
