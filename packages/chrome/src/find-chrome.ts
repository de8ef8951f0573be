import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { promisify } from 'node:util'
import { pickBrowserEnv } from './chrome-env.ts'
import { ChromeError } from './chrome-error.ts'
import { listPlaywrightBrowsers, playwrightBrowsersDir } from './playwright-browsers.ts'

export type FoundChrome = {
  path: string
  /** What `--version` says, for example `Chromium 156.0.8078.79`; left out on Windows, where that opens a window. */
  product?: string
}

export type FindChromeOptions = {
  /** The path that the person configured: the only one looked at when it is given. */
  configured?: string | undefined
  /** Playwright's download directory; left out: its default one. */
  playwrightDir?: string | undefined
  signal?: AbortSignal | undefined
}

const versionTimeoutMs = 15_000

/**
 * The Chrome or Chromium to use: the configured one, else an installed one (chrome-launcher knows the places, and
 * takes CHROME_PATH first), else one that Playwright has downloaded. Each is asked for its version first: a stub that
 * only tells how to install a browser, or a build that lacks a library, is passed over.
 * Throws `chrome_not_found` with what was looked for and what to do.
 */
export async function findChrome(options: FindChromeOptions = {}): Promise<FoundChrome> {
  const { configured, playwrightDir = playwrightBrowsersDir(), signal } = options
  if (configured !== undefined) return askConfigured(configured, signal)
  const refused: string[] = []
  const candidates = [listInstalled, () => listPlaywrightBrowsers(playwrightDir)]
  for (const list of candidates) {
    for (const path of await list()) {
      try {
        return await askVersion(path, signal)
      } catch (error) {
        signal?.throwIfAborted()
        refused.push(`${path} (${reasonOf(error)})`)
      }
    }
  }
  const tried = refused.length === 0 ? '' : `; these do not run: ${refused.join(', ')}`
  throw new ChromeError(
    'chrome_not_found',
    `Found no Chrome or Chromium: neither an installed one nor one of Playwright in ${playwrightDir}${tried}. ` +
      'Install Chrome or Chromium, or configure the path of one (CHROME_PATH does too).',
  )
}

async function askConfigured(path: string, signal: AbortSignal | undefined): Promise<FoundChrome> {
  try {
    return await askVersion(path, signal)
  } catch (error) {
    signal?.throwIfAborted()
    throw new ChromeError(
      'chrome_not_found',
      `The configured Chrome ${path} does not run (${reasonOf(error)}): correct the path, or leave it out to use an installed one.`,
      { cause: error },
    )
  }
}

async function listInstalled(): Promise<string[]> {
  // Loaded here: a worker that attaches to a running Chrome never needs it.
  const { Launcher } = await import('chrome-launcher')
  try {
    return Launcher.getInstallations()
  } catch {
    // On Linux it throws when it finds none; elsewhere it gives an empty list.
    return []
  }
}

async function askVersion(path: string, signal: AbortSignal | undefined): Promise<FoundChrome> {
  await access(path, constants.X_OK)
  if (process.platform === 'win32') return { path }
  const { stdout } = await promisify(execFile)(path, ['--version'], {
    timeout: versionTimeoutMs,
    killSignal: 'SIGKILL',
    env: pickBrowserEnv(process.env),
    ...(signal ? { signal } : {}),
  })
  const product = stdout.trim()
  if (!/\d+\.\d+/.test(product)) throw new Error('it tells no version')
  return { path, product }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('killed' in error && error.killed === true) return `no answer in ${versionTimeoutMs / 1000} s`
  const stderr = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : ''
  const code = 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EACCES') return 'not executable'
  return stderr.split('\n').at(-1) || (typeof code === 'number' ? `exit code ${code}` : error.message)
}
