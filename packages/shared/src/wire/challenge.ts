import * as z from 'zod'
import { sessionNameSchema } from '../state/session-name.ts'

/**
 * What a site wants of a person. code: one that was mailed or sent by message. approval: a tap on another device. sign_in: the
 * whole sign-in, by hand. choice: something that the broker cannot decide.
 */
export const challengeKindSchema = z.enum(['code', 'approval', 'captcha', 'sign_in', 'choice'])
export type ChallengeKind = z.infer<typeof challengeKindSchema>

/** The page as it is now. */
export const pictureSchema = z
  .object({
    number: z.int().positive().meta({ description: 'Grows with each picture of the challenge.' }),
    takenAt: z.iso.datetime(),
    mediaType: z.literal('image/jpeg'),
    width: z.int().positive().meta({ description: 'In CSS pixels of the page, as `click` counts them.' }),
    height: z.int().positive(),
    data: z.base64(),
  })
  .meta({ id: 'Picture' })

export type Picture = z.infer<typeof pictureSchema>

/** `GET /session/challenge`: what the site asks, and what the page looks like. */
export const challengeSchema = z
  .object({
    session: sessionNameSchema,
    id: z.string(),
    kind: challengeKindSchema,
    prompt: z
      .string()
      .meta({ description: 'What the page says, in its own words, at most 1,000 characters.' }),
    page: z.string().meta({ description: 'Where the page is, without query and fragment.' }),
    openedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().meta({ description: 'Then the login is given up.' }),
    picture: pictureSchema.nullable().meta({ description: 'Null until the first one is taken.' }),
  })
  .meta({ id: 'Challenge' })

export type Challenge = z.infer<typeof challengeSchema>

const id = z.string().min(1).max(100)
const coordinate = z.number().min(0).max(10_000)

/** Keys that may be pressed, in the names of the DOM. */
export const viewKeySchema = z.enum([
  ...['Enter', 'Tab', 'Backspace', 'Delete', 'Escape', 'Space', 'Home', 'End', 'PageUp', 'PageDown'],
  ...['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'],
] as const)

/** What a person does on the page. */
export const viewInputSchema = z.union([
  z.strictObject({ click: z.strictObject({ x: coordinate, y: coordinate }) }),
  z.strictObject({ type: z.string().min(1).max(500) }),
  z.strictObject({ press: viewKeySchema }),
  z.strictObject({
    scroll: z.strictObject({ x: coordinate, y: coordinate, by: z.number().min(-5_000).max(5_000) }),
  }),
])

export type ViewInput = z.infer<typeof viewInputSchema>

/** `POST /session/challenge`: one of these at a time. */
export const challengeAnswerSchema = z
  .union([
    z.strictObject({
      id,
      code: z.string().regex(/^[A-Za-z0-9 -]{3,32}$/, 'wants 3 to 32 letters and digits'),
    }),
    ...viewInputSchema.options.map((option) => option.extend({ id })),
    z.strictObject({
      id,
      done: z.literal(true).meta({ description: 'It is done: go on with the page as it is.' }),
    }),
    z.strictObject({ id, giveUp: z.literal(true).meta({ description: 'End the login.' }) }),
  ])
  .meta({ id: 'ChallengeAnswer' })

export type ChallengeAnswer = z.infer<typeof challengeAnswerSchema>

export const challengeTakenSchema = z
  .object({ session: sessionNameSchema, id: z.string() })
  .meta({ id: 'ChallengeTaken' })
