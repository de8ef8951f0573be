import * as z from 'zod'

/** What a signed-in answer looks like; every part that is given must hold. */
export const expectationSchema = z
  .object({
    status: z.int().min(100).max(599).exactOptional(),
    text: z.string().min(1).exactOptional().meta({ description: 'Stands in the body.' }),
    finalUrl: z
      .string()
      .exactOptional()
      .meta({ description: 'Where the request ends after redirects (without query).' }),
    selector: z
      .string()
      .min(1)
      .exactOptional()
      .meta({ description: 'CSS; is in the page. Needs a browser.' }),
    passwordField: z
      .literal(false)
      .exactOptional()
      .meta({ description: 'No password field is in the page.' }),
  })
  .refine(
    (expect) => Object.values(expect).some((part) => part !== undefined),
    'wants at least one expectation',
  )
  .meta({ id: 'Expectation' })

export type Expectation = z.infer<typeof expectationSchema>

/** How to tell that a session is alive. */
export const checkSchema = z
  .object({
    url: z.url({ protocol: /^https?$/ }),
    expect: expectationSchema,
    in: z.enum(['http', 'browser']).default('http').meta({
      description: 'http: the cookies suffice. browser: the page has to run (a token in localStorage).',
    }),
  })
  .refine((check) => check.in === 'browser' || check.expect.selector === undefined, {
    message: 'expect.selector needs in: browser',
    path: ['expect', 'selector'],
  })
  .meta({ id: 'Check' })

export type Check = z.infer<typeof checkSchema>

/** `unclear`: the site is down, slow or says "too many requests"; it tells nothing about the session. */
export const verdictSchema = z.enum(['signed_in', 'signed_out', 'unclear'])
export type Verdict = z.infer<typeof verdictSchema>
