import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

/** Makes the tarballs that a program elsewhere installs to have the client: its own, and that of what travels. */
export async function packClient(into: string): Promise<string[]> {
  await mkdir(into, { recursive: true })
  await run(process.execPath, ['node_modules/typescript/lib/tsc.js', '-b', 'packages/client'], {
    cwd: root,
  })
  const packed = ['shared', 'client'].map(async (name) => {
    const cwd = join(root, 'packages', name)
    const { stdout } = await run('pnpm', ['pack', '--json', '--pack-destination', into], { cwd })
    return (JSON.parse(stdout) as { filename: string }).filename
  })
  return Promise.all(packed)
}
