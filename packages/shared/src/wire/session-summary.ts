import * as z from 'zod'
import { checkSchema, verdictSchema } from '../check/check.ts'
import { failureClasses } from '../problem/error-codes.ts'
import { sessionNameSchema } from '../state/session-name.ts'
import { challengeKindSchema } from './challenge.ts'

/** unknown: there is a state, but the last check could not tell. */
export const sessionStatusSchema = z.enum(['absent', 'live', 'dead', 'unknown'])
export type SessionStatus = z.infer<typeof sessionStatusSchema>

export const loginPhaseSchema = z.enum(['idle', 'running', 'challenged', 'backing_off', 'locked_out'])

/** `GET /session`: everything about a session but its secrets. */
export const sessionSummarySchema = z
  .object({
    session: sessionNameSchema,
    loginOrigin: z.string().meta({ description: 'The origin of its sign-in page.' }),
    sites: z
      .array(z.string())
      .meta({ description: 'Registrable domains (or hosts) whose cookies and storage may be put by hand.' }),
    status: sessionStatusSchema,
    generation: z.int().nonnegative(),
    revision: z.int().nonnegative(),
    obtainedAt: z.iso.datetime().nullable(),
    ageSeconds: z.number().nonnegative().nullable(),
    expiry: z
      .object({ at: z.iso.datetime(), reason: z.string() })
      .nullable()
      .meta({ description: 'Predicted end and what it is predicted from.' }),
    check: checkSchema.nullable().meta({ description: 'Configured, or derived at the first login.' }),
    lastCheck: z.object({ at: z.iso.datetime(), verdict: verdictSchema }).nullable(),
    checksPaused: z
      .string()
      .nullable()
      .meta({ description: 'Why the broker does not check the session by itself; null where it does.' }),
    login: z.object({
      phase: loginPhaseSchema,
      class: z.enum(failureClasses).exactOptional().meta({ description: 'Why the last login failed.' }),
      since: z.iso.datetime().exactOptional(),
      nextTryAt: z.iso
        .datetime()
        .exactOptional()
        .meta({ description: 'Before this no login is made: back-off, or the budget is spent.' }),
      challenge: z
        .object({ id: z.string(), kind: challengeKindSchema, expiresAt: z.iso.datetime() })
        .exactOptional()
        .meta({ description: 'With the phase `challenged`: `GET /session/challenge` shows it.' }),
    }),
    budget: z
      .object({
        loginsLeft: z.int().nonnegative(),
        failedLeft: z.int().nonnegative(),
        challengesLeft: z.int().nonnegative(),
      })
      .meta({
        description: 'How often secrets may still be sent, and fail, and people be asked, within 24 hours.',
      }),
    staleSeconds: z
      .number()
      .nonnegative()
      .nullable()
      .meta({ description: 'How long the store has not answered: all this may have changed. Else null.' }),
  })
  .meta({ id: 'SessionSummary' })

export type SessionSummary = z.infer<typeof sessionSummarySchema>

export const sessionListSchema = z
  .object({ sessions: z.array(sessionSummarySchema) })
  .meta({ id: 'SessionList' })

/** The data of one server-sent event of `GET /session/events`; its event name is `session`. */
export const sessionEventSchema = z
  .object({
    session: sessionNameSchema,
    generation: z.int().nonnegative(),
    revision: z.int().nonnegative(),
    status: sessionStatusSchema,
  })
  .meta({ id: 'SessionEvent' })

export type SessionEvent = z.infer<typeof sessionEventSchema>
