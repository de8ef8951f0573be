import { execFile } from 'node:child_process'
import { constants, open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ProblemError } from '@session-broker/shared'
import { readReference, type SecretReference, showReference } from './secret-reference.ts'

export type Env = Readonly<Record<string, string | undefined>>

export interface SecretResolverOptions extends CommandBounds {
  /** The broker's environment, for `env:`; a command gets a small part of it. */
  env: Env
  /** The folder of the config file: `file:` paths are relative to it, commands run in it. */
  baseFolder: string
}

/**
 * Gives what a reference stands for; a text that is no reference stands for itself (usernames).
 * @throws ProblemError `login_misconfigured`, naming the reference and nothing of what it stands for.
 */
export type SecretResolver = (text: string, bounds?: CommandBounds) => Promise<string>

/** How long a command may take. */
export interface CommandBounds {
  signal?: AbortSignal
  timeoutMs?: number
}

const mostBytes = 64 * 1024

/** Looks the secret up at each call and keeps nothing: one that was changed outside counts from the next login on. */
export function createSecretResolver(options: SecretResolverOptions): SecretResolver {
  return async (text, bounds = {}) => {
    const reference = readReference(text)
    if (!reference) return text
    const secret = await lookUp(reference, { ...options, ...bounds })
    if (secret === '') throw unresolved(reference, 'is empty')
    return secret
  }
}

function lookUp(reference: SecretReference, options: SecretResolverOptions): Promise<string> {
  if (reference.kind === 'file') return readSecretFile(reference, resolve(options.baseFolder, reference.path))
  if (reference.kind === 'cmd') return runCommand(reference, options)
  const value = options.env[reference.name]
  if (value === undefined) throw unresolved(reference, 'is not set in the environment of the broker')
  return Promise.resolve(value)
}

function unresolved(reference: SecretReference, why: string): ProblemError {
  return new ProblemError('login_misconfigured', `${showReference(reference)} ${why}`)
}

/** The errors of the system have no part in the messages but their code. */
async function readSecretFile(reference: SecretReference, path: string): Promise<string> {
  // Without O_NONBLOCK the open of a pipe waits for somebody to write.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      throw unresolved(
        reference,
        error.code === 'ENOENT' ? 'does not exist' : `cannot be read (${error.code})`,
      )
    },
  )
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw unresolved(reference, 'is not a file')
    if (stat.size > mostBytes) throw unresolved(reference, 'is larger than 64 KiB')
    return withoutLastNewline(await file.readFile('utf8'))
  } finally {
    await file.close()
  }
}

function runCommand(
  reference: SecretReference & { kind: 'cmd' },
  { env, baseFolder, timeoutMs = 10_000, signal }: SecretResolverOptions,
): Promise<string> {
  return new Promise((done, fail) => {
    const options = {
      cwd: baseFolder,
      env: commandEnv(env),
      timeout: timeoutMs,
      signal,
      killSignal: 'SIGKILL',
      maxBuffer: mostBytes,
      shell: false,
    } as const
    const child = execFile(reference.program, reference.args, options, (error, stdout) => {
      if (!error) return done(withoutLastNewline(stdout))
      // The error itself repeats what the command wrote to stderr.
      fail(unresolved(reference, whyCommandFailed(error, timeoutMs)))
    })
    child.stdin?.on('error', () => undefined).end()
  })
}

function whyCommandFailed(error: Error & { code?: unknown; killed?: boolean }, timeoutMs: number): string {
  if (error.code === 'ENOENT') return 'names a program that does not exist'
  if (error.code === 'EACCES') return 'names a program that may not be run'
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'printed more than 64 KiB'
  if (error.killed) return `did not end within ${timeoutMs / 1000} s`
  return typeof error.code === 'number' ? `ended with exit code ${error.code}` : 'could not be run to its end'
}

const passedOn =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TZ|LANG|LC_[A-Z]+|XDG_[A-Z_]+|DBUS_SESSION_BUS_ADDRESS|GNUPGHOME|PASSWORD_STORE_DIR)$/

/** What password managers need to find their store and their agent; no other secrets of the broker's. */
function commandEnv(env: Env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => passedOn.test(name)))
}

function withoutLastNewline(text: string): string {
  return text.replace(/\r?\n$/, '')
}
