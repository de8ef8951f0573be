import { z } from 'zod'

/** Where a secret is kept. The text of the config never holds a secret itself. */
export type SecretReference =
  | { kind: 'env'; name: string }
  | { kind: 'file'; path: string }
  | { kind: 'cmd'; program: string; args: string[] }

const commandPartsSchema = z.tuple([z.string().min(1)], z.string())

/** What a text refers to; `undefined` where it is no reference, or not a right one. */
export function readReference(text: string): SecretReference | undefined {
  const [, kind, rest = ''] = /^(env|file|cmd):(.+)$/s.exec(text) ?? []
  if (kind === 'env') return /^[A-Za-z_][A-Za-z0-9_]*$/.test(rest) ? { kind, name: rest } : undefined
  if (kind === 'file') return rest.includes('\0') ? undefined : { kind, path: rest }
  if (kind === 'cmd') return readCommand(rest)
  return undefined
}

function readCommand(json: string): SecretReference | undefined {
  try {
    const [program, ...args] = commandPartsSchema.parse(JSON.parse(json))
    return { kind: 'cmd', program, args }
  } catch {
    return undefined
  }
}

/** Whether a text means to be a reference, right or not. */
export function isReference(text: string): boolean {
  return /^(env|file|cmd):/.test(text)
}

/** A reference as it may be shown: of a command its program alone, since somebody may have put a secret into its arguments. */
export function showReference(reference: SecretReference): string {
  if (reference.kind === 'env') return `env:${reference.name}`
  if (reference.kind === 'file') return `file:${reference.path}`
  const { program, args } = reference
  return `cmd:[${JSON.stringify(program)}${args.length > 0 ? ', …' : ''}]`
}

const forms: Record<SecretReference['kind'], string> = {
  env: 'env: wants the name of an environment variable, such as env:SHOP_PASSWORD',
  file: 'file: wants a path, such as file:/run/secrets/shop-password',
  cmd: `cmd: wants a JSON list of a program and its arguments, such as 'cmd:["pass", "show", "shop"]'`,
}

/** What is wrong with a text that means to be a reference. Never repeats the text: it may be the secret itself. */
export function referenceMistake(text: string): string | undefined {
  if (!isReference(text) || readReference(text)) return undefined
  return forms[text.slice(0, text.indexOf(':')) as SecretReference['kind']]
}

/** A secret: only a reference will do. `example` is the variable that the message suggests. */
export function secretSchema(example: string) {
  const wants =
    `wants a reference, not the secret itself: env:${example} for an environment variable, ` +
    `file:/run/secrets/${example.toLowerCase().replaceAll('_', '-')} for a file, or 'cmd:["program", "argument"]' for what a program prints`
  return z
    .string({ error: ({ input }) => (input === undefined || input === null ? undefined : wants) })
    .superRefine((text, context) => {
      const message = isReference(text) ? referenceMistake(text) : wants
      if (message) context.addIssue({ code: 'custom', message })
    })
}

/** What only a program can give: something else each time. */
export const commandSchema = z.string().superRefine((text, context) => {
  if (readReference(text)?.kind === 'cmd') return
  context.addIssue({ code: 'custom', message: forms.cmd })
})

/** A text that may stand in the config, or be kept elsewhere like a secret. */
export const textOrReferenceSchema = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    const message = referenceMistake(text)
    if (message) context.addIssue({ code: 'custom', message })
  })
