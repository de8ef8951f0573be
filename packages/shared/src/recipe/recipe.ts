import * as z from 'zod'

const selector = z.string().min(1)
const webUrl = z.url({ protocol: /^https?$/ })
const siteName = z
  .string()
  .regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i, 'wants a host name without scheme, port or path')

/** One thing to do on a page. `optional`: go on where the element does not come. */
export const stepSchema = z
  .union([
    z.strictObject({ click: selector, optional: z.boolean().default(false) }),
    z.strictObject({ fill: selector, with: z.string(), optional: z.boolean().default(false) }),
    z.strictObject({ select: selector, option: z.string(), optional: z.boolean().default(false) }),
    z.strictObject({ press: z.string().min(1), optional: z.boolean().default(false) }),
    z.strictObject({ waitFor: selector, optional: z.boolean().default(false) }),
    z.strictObject({ goto: z.url({ protocol: /^https?$/ }), optional: z.boolean().default(false) }),
  ])
  .meta({ id: 'Step' })

export type Step = z.infer<typeof stepSchema>

/** Names what reading the page cannot find; everything may be left out. Selectors are Playwright's (CSS, text=…). */
export const recipeSchema = z
  .strictObject({
    fields: z
      .strictObject({
        username: selector.exactOptional(),
        password: selector.exactOptional(),
        code: selector.exactOptional(),
        remember: selector.exactOptional(),
        submit: selector.exactOptional(),
      })
      .default({}),
    before: z
      .array(stepSchema)
      .default([])
      .meta({ description: 'Before the form is filled: a cookie banner, a tab.' }),
    after: z
      .array(stepSchema)
      .default([])
      .meta({ description: 'After it was sent: "not now", "stay signed in".' }),
    logout: z
      .strictObject({ url: webUrl.exactOptional(), steps: z.array(stepSchema).min(1) })
      .exactOptional()
      .meta({
        description: 'How to log out at the site. Without a URL the steps begin on the page of the check.',
      }),
    sessionStorage: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether sessionStorage belongs to the state.' }),
    keepSites: z
      .array(siteName)
      .default([])
      .meta({ description: 'Other sites whose cookies belong to the state, such as an identity provider.' }),
  })
  .meta({ id: 'Recipe' })

export type Recipe = z.infer<typeof recipeSchema>
/** As it is written down: what has a default may be left out. */
export type RecipeData = z.input<typeof recipeSchema>
