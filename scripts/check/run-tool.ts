import { spawn } from 'node:child_process'

const timeoutMs = 5 * 60_000

/** Runs a tool in the project; what it says when it fails, line by line, and nothing when it is content. */
export function runTool(cwd: string, file: string, args: readonly string[]): Promise<string[]> {
  const child = spawn(file, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(String(chunk)))
  return new Promise((resolve) => {
    child.once('error', (error) => resolve([`${file} did not start: ${error.message}`]))
    child.once('close', (code, signal) => {
      if (code === 0) return resolve([])
      const lines = said
        .join('')
        .split('\n')
        .filter((line) => line.trim() !== '')
      resolve([...lines, `${file} ended with ${signal ?? code}`])
    })
  })
}
