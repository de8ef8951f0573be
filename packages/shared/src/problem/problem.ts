import * as z from 'zod'
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
    retryAfterSeconds: z
      .int()
      .nonnegative()
      .exactOptional()
      .meta({ description: 'When it is worth asking again, where that is known; also in `Retry-After`.' }),
  })
  .meta({ id: 'Problem' })

export type Problem = z.infer<typeof problemSchema>

/** An error that is fit to be shown outside: `detail` names what is wrong and what to do, never a secret. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly code: ErrorCode
  /** When the same may succeed; undefined where nothing tells. */
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, detail: string, options?: { cause?: unknown; retryAfterSeconds?: number }) {
    super(detail, options)
    this.code = code
    this.retryAfterSeconds = options?.retryAfterSeconds
  }
}

export function toProblem({
  code,
  message,
  retryAfterSeconds,
}: Pick<ProblemError, 'code' | 'message'> & { retryAfterSeconds?: number | undefined }): Problem {
  const { title, status } = errorCodes[code]
  return {
    type: `urn:session-broker:problem:${code}`,
    title,
    status,
    detail: message,
    code,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  }
}

/** The same problem as an error; what it came from stays where it happened. */
export function fromProblem({ code, detail, retryAfterSeconds }: Problem): ProblemError {
  return new ProblemError(code, detail, retryAfterSeconds === undefined ? {} : { retryAfterSeconds })
}
