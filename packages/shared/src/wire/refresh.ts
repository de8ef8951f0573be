import * as z from 'zod'
import { problemSchema } from '../problem/problem.ts'
import { sessionNameSchema } from '../state/session-name.ts'

/** `POST /session/refresh`: "I saw this generation fail". */
export const refreshRequestSchema = z
  .strictObject({
    generation: z.int().nonnegative().exactOptional().meta({ description: 'Left out: the current one.' }),
    reason: z.string().max(500).exactOptional().meta({ description: 'For the log and the audit.' }),
    force: z
      .boolean()
      .exactOptional()
      .meta({ description: 'Log in though the check says alive; scope operate.' }),
  })
  .meta({ id: 'RefreshRequest' })

export type RefreshRequest = z.infer<typeof refreshRequestSchema>

/** newer: there was one already. alive: the check says so, no login. renewed: one login for everybody. */
export const refreshOutcomeSchema = z.enum(['newer', 'alive', 'renewed'])
export type RefreshOutcome = z.infer<typeof refreshOutcomeSchema>

export const refreshResultSchema = z
  .object({
    session: sessionNameSchema,
    generation: z.int().positive(),
    revision: z.int().nonnegative(),
    outcome: refreshOutcomeSchema,
  })
  .meta({ id: 'RefreshResult' })

export type RefreshResult = z.infer<typeof refreshResultSchema>

/** `GET /operations/{id}`: a refresh that is running or has ended. */
export const operationSchema = z
  .object({
    id: z.string(),
    session: sessionNameSchema,
    status: z.enum(['running', 'succeeded', 'failed']),
    startedAt: z.iso.datetime(),
    result: refreshResultSchema.exactOptional(),
    problem: problemSchema.exactOptional(),
  })
  .meta({ id: 'Operation' })

export type Operation = z.infer<typeof operationSchema>

/** `POST /session/reset`. */
export const resetRequestSchema = z
  .strictObject({
    reason: z.string().max(500).exactOptional().meta({ description: 'For the audit; never a secret.' }),
  })
  .meta({ id: 'ResetRequest' })
