import { access, constants } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { KeyMistake } from './explain-issues.ts'
import { type KeyPath, valueAt } from './key-path.ts'

const named: { path: KeyPath; mode: number; wants: string }[] = [
  { path: ['tls', 'cert'], mode: constants.R_OK, wants: 'read' },
  { path: ['tls', 'key'], mode: constants.R_OK, wants: 'read' },
  { path: ['browser', 'executable'], mode: constants.X_OK, wants: 'run' },
]

/** Whether the files that the config names are there. Secrets are not looked for: they are read at each login. */
export async function checkFiles(
  data: unknown,
  { folder, show }: { folder: string; show: (file: string) => string },
): Promise<KeyMistake[]> {
  const found = await Promise.all(
    named.map(async ({ path, mode, wants }): Promise<KeyMistake[]> => {
      const written = valueAt(data, path)
      if (typeof written !== 'string' || written === '') return []
      const file = resolve(folder, written)
      try {
        await access(file, mode)
        return []
      } catch (error) {
        const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
        const message = isMissing
          ? `there is no file ${show(file)}`
          : `the broker's user may not ${wants} ${show(file)}`
        return [{ path, part: 'value', message }]
      }
    }),
  )
  return found.flat()
}
