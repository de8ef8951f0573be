import * as z from 'zod'
import { cookieSchema } from '../cookie/cookie.ts'
import { userAgentMetadataSchema } from './client-hints.ts'
import { sessionNameSchema } from './session-name.ts'
import { originStorageSchema } from './storage.ts'

/** What makes a browser signed in. Secret as a whole: never log it. */
export const sessionStateSchema = z.object({
  userAgent: z.string().meta({ description: 'The user agent that the state was given to.' }),
  userAgentMetadata: userAgentMetadataSchema
    .exactOptional()
    .meta({ description: 'The client hints that go with the user agent, where they are known.' }),
  cookies: z.array(cookieSchema),
  origins: z.array(originStorageSchema),
})

export type SessionState = z.infer<typeof sessionStateSchema>

/** The body of `GET /session/cookies`; its `{ cookies, origins }` is a Playwright storageState. */
export const issuedSessionSchema = z
  .object({
    session: sessionNameSchema,
    generation: z.int().positive().meta({ description: 'Which login produced the state; only ever grows.' }),
    revision: z.int().nonnegative().meta({ description: 'Counts write-backs within the generation.' }),
    obtainedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable().meta({ description: 'Predicted; null where nothing tells.' }),
    ...sessionStateSchema.shape,
  })
  .meta({ id: 'IssuedSession' })

export type IssuedSession = z.infer<typeof issuedSessionSchema>
