import * as z from 'zod'
import { cookieSchema } from '../cookie/cookie.ts'
import { sessionNameSchema } from '../state/session-name.ts'
import { captureRequestSchema } from './capture.ts'
import { workerIdSchema } from './worker-report.ts'

/** `PUT /session/cookies`: what a Chrome has made of the state that it was given. */
export const writeBackRequestSchema = z
  .strictObject({
    as: z.literal('revision').meta({ description: 'The next revision of the same generation.' }),
    cookies: z
      .array(cookieSchema)
      .max(3_000)
      .meta({ description: 'All of the session; its storage and user agent stay as they are.' }),
  })
  .meta({ id: 'WriteBackRequest' })

export type WriteBackRequest = z.infer<typeof writeBackRequestSchema>

export const putCookiesRequestSchema = z.discriminatedUnion('as', [
  captureRequestSchema,
  writeBackRequestSchema,
])

export type PutCookiesRequest = z.infer<typeof putCookiesRequestSchema>

/** `POST /session/writer`: which of several workers writes back. */
export const writerRequestSchema = z
  .strictObject({
    worker: workerIdSchema.meta({ description: 'The worker that wants to write.' }),
    release: z
      .boolean()
      .exactOptional()
      .meta({ description: 'It has nothing more to write: another may at once.' }),
  })
  .meta({ id: 'WriterRequest' })

export const writerResultSchema = z
  .object({
    session: sessionNameSchema,
    worker: workerIdSchema.nullable().meta({ description: 'Who may write now; null: nobody.' }),
    isYou: z.boolean(),
    expiresAt: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'Until then, or until the writer asks again.' }),
  })
  .meta({ id: 'WriterResult' })

export type WriterResult = z.infer<typeof writerResultSchema>
