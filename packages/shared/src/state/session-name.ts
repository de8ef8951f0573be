import * as z from 'zod'

/** A session's name: it stands in URLs, Redis keys and file names. */
export const sessionNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'wants 1 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit')
