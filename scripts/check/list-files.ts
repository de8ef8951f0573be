import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** The project's files that match a git pathspec, from its root: what is committed or will be, nothing that is ignored. */
export async function listFiles(root: string, ...pathspecs: string[]): Promise<string[]> {
  const args = [
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
    '--deduplicate',
    '--',
    ...pathspecs,
  ]
  const { stdout } = await promisify(execFile)('git', args, { cwd: root, maxBuffer: 64 * 1024 * 1024 })
  return stdout.split('\0').filter(Boolean)
}
