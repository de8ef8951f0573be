import * as z from 'zod'
import { verdictSchema } from '../check/check.ts'
import { sessionNameSchema } from '../state/session-name.ts'

/** `POST /workers/{id}/report`: what a worker's Chrome holds. */
export const workerReportSchema = z
  .strictObject({
    session: sessionNameSchema,
    generation: z.int().nonnegative(),
    revision: z.int().nonnegative(),
    outcome: z
      .enum(['applied', 'partial', 'refused', 'chrome_unreachable', 'not_accepted_here', 'standing_by'])
      .meta({
        description:
          'partial: cookies are exact, some storage could not be replaced. standing_by: another worker acts in this Chrome, and generation is what this one would put in.',
      }),
    chrome: z.string().max(200).meta({ description: 'Product and version, e.g. Chrome/156.0.8078.79.' }),
    applyMs: z
      .number()
      .nonnegative()
      .exactOptional()
      .meta({ description: 'From the decision to apply to read back.' }),
    cause: z
      .enum(['published', 'attached', 'again'])
      .exactOptional()
      .meta({
        description:
          'Why it was applied. published: the Chrome held an older state and a newer one was published. attached: Chrome or ' +
          'worker had just come. again: the same state once more, since this Chrome was signed out.',
      }),
    appliedAgoMs: z
      .number()
      .nonnegative()
      .exactOptional()
      .meta({
        description:
          'How long before this report was sent the state had been read back from Chrome: a duration, so that the clocks of ' +
          'two machines need not agree.',
      }),
    seen: verdictSchema
      .exactOptional()
      .meta({ description: 'Whether this Chrome is signed in, by the check.' }),
    detail: z
      .string()
      .max(1000)
      .exactOptional()
      .meta({ description: 'Names of what was refused; never values.' }),
  })
  .meta({ id: 'WorkerReport' })

export type WorkerReport = z.infer<typeof workerReportSchema>

export const workerIdSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,126}$/)

export const workerStatusSchema = workerReportSchema
  .omit({ appliedAgoMs: true })
  .extend({
    id: workerIdSchema,
    reportedAt: z.iso.datetime(),
    appliedAt: z.iso
      .datetime()
      .exactOptional()
      .meta({ description: 'When Chrome held it, by the clock of the broker that took the report.' }),
    commitToAppliedMs: z.number().nonnegative().exactOptional().meta({
      description:
        'From the publication of this state to when this Chrome held it; with the cause `published`.',
    }),
  })
  .meta({ id: 'WorkerStatus' })

export type WorkerStatus = z.infer<typeof workerStatusSchema>

export const workerListSchema = z.object({ workers: z.array(workerStatusSchema) }).meta({ id: 'WorkerList' })
