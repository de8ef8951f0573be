import { z } from 'zod'

const pattern = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+))(?::(\d{1,5}))?$/

/** `host`, `host:port`, `[::1]` or `[::1]:port`, without brackets and in small letters. */
export const targetSchema = z.string().transform((text, context): { host: string; port?: number } => {
  const [, inBrackets, plain, digits] = pattern.exec(text) ?? []
  const host = (inBrackets ?? plain)?.toLowerCase()
  const port = digits === undefined ? undefined : Number(digits)
  if (host !== undefined && (port ?? 1) > 0 && (port ?? 1) <= 65_535)
    return { host, ...(port !== undefined && { port }) }
  context.addIssue({
    code: 'custom',
    message: 'wants host or host:port, such as login.example.internal:8443',
  })
  return z.NEVER
})
