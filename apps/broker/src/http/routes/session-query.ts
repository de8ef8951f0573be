import { sessionNameSchema } from '@session-broker/shared'
import { z } from 'zod'

/** `?session=`; nothing else may stand there, so that a slip of the pen does not pick another session. */
export const sessionQuerySchema = z.strictObject({
  session: sessionNameSchema.exactOptional().meta({
    description: 'May be left out where the key sees one session alone, or one that is called `default`.',
  }),
})
