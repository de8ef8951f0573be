import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The lock file names packages and their hashes, never a host: it is the same behind every registry. */
export async function checkLockFile(root: string): Promise<string[]> {
  const lines = (await readFile(join(root, 'pnpm-lock.yaml'), 'utf8')).split('\n')
  return lines.flatMap((line, index) =>
    /https?:\/\/|tarball:/.test(line)
      ? [`pnpm-lock.yaml:${index + 1} names a host: install again without lockfile-include-tarball-url`]
      : [],
  )
}
