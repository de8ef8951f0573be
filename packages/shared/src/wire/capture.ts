import * as z from 'zod'
import { cookieSchema } from '../cookie/cookie.ts'
import { sessionNameSchema } from '../state/session-name.ts'
import { sessionStateSchema } from '../state/session-state.ts'
import { originStorageSchema } from '../state/storage.ts'

/** `PUT /session/cookies`: what a browser holds in which a person has signed in. */
export const captureRequestSchema = z
  .strictObject({
    as: z
      .literal('generation')
      .exactOptional()
      .meta({ description: 'A session of its own, as a person has signed in to it. Left out: that.' }),
    ...sessionStateSchema.shape,
    // It is sent as a header.
    userAgent: sessionStateSchema.shape.userAgent.regex(
      /^[\x20-\x7e]{1,1000}$/,
      'wants 1 to 1000 printable characters',
    ),
    cookies: z.array(cookieSchema).max(3_000),
    origins: z
      .array(originStorageSchema)
      .max(200)
      .refine(
        (origins) =>
          origins.every(({ origin }) => /^https?:\/\//.test(origin) && URL.parse(origin)?.origin === origin),
        'wants origins like https://shop.example',
      ),
    landedUrl: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .exactOptional()
      .meta({
        description:
          'A page that shows the session signed in, for sessions without a configured check; left out: the start page of the ' +
          'sign-in’s host.',
      }),
  })
  .meta({ id: 'CaptureRequest' })

export type CaptureRequest = z.infer<typeof captureRequestSchema>

export const captureResultSchema = z
  .object({
    session: sessionNameSchema,
    generation: z.int().positive(),
    revision: z.int().nonnegative(),
  })
  .meta({ id: 'CaptureResult' })

export type CaptureResult = z.infer<typeof captureResultSchema>

/** `DELETE /session`. */
export const forgetResultSchema = z
  .object({
    session: sessionNameSchema,
    generation: z.int().nonnegative().meta({ description: 'The counter, which stays.' }),
    forgotten: z.boolean().meta({ description: 'false: there was no state.' }),
    loggedOut: z.boolean().meta({ description: 'Whether the site was seen to have ended the session.' }),
  })
  .meta({ id: 'ForgetResult' })

export type ForgetResult = z.infer<typeof forgetResultSchema>
