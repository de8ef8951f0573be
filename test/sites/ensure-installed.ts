import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const installer = fileURLToPath(new URL('./install-site.mjs', import.meta.url))
const withinMs = 15 * 60_000

/**
 * Makes sure that a third-party app is on this machine; tells of it where that takes a while.
 * @returns the folder that holds its packages; empty for a Debian package
 * @throws Error that says what is missing and why it could not be brought
 */
export async function ensureInstalled(app: string, signal?: AbortSignal): Promise<string> {
  const running = run(process.execPath, [installer, app], {
    timeout: withinMs,
    ...(signal && { signal }),
  })
  // What the set-up says while it works; the same text comes back with an error.
  running.child.stderr?.pipe(process.stderr, { end: false })
  try {
    return (await running).stdout.trim()
  } catch (error) {
    signal?.throwIfAborted()
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
    throw new Error(`${app} could not be installed: ${shortReason(said)}`)
  }
}

/** What was tried, and the line that tells why it failed; the rest has been shown already. */
function shortReason(said: string): string {
  const lines = said.split('\n').map((line) => line.trim())
  const [tried = 'the installer said nothing', ...rest] = lines.filter(
    (line) => line !== '' && !line.startsWith('set-up ·'),
  )
  const why = rest.find((line) => /^E: |Error: |ENOTFOUND|ECONN|ETIMEDOUT|E404/.test(line))
  return why === undefined ? tried : `${tried} (${why})`
}
