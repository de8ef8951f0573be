import * as z from 'zod'

/** What a key may do; each scope stands for itself, none includes another. */
export const scopeSchema = z.enum(['read', 'refresh', 'write', 'operate', 'admin'])
export type Scope = z.infer<typeof scopeSchema>
