import { z } from 'zod'
import { type ErrorCode, errorCodes } from './error-codes.ts'

const codes = Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]

/** RFC 9457 problem details, `application/problem+json`. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What is wrong with this request and what to do.' }),
    code: z.enum(codes),
  })
  .meta({ id: 'Problem' })

export type Problem = z.infer<typeof problemSchema>

/** An error that is fit to be shown outside: `detail` names what is wrong and what to do, never a secret. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, detail: string, options?: { cause?: unknown }) {
    super(detail, options)
    this.code = code
  }
}

export function toProblem(code: ErrorCode, detail: string): Problem {
  const { title, status } = errorCodes[code]
  return { type: `urn:session-broker:problem:${code}`, title, status, detail, code }
}
