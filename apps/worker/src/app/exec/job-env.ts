import { pickBrowserEnv } from '@session-broker/chrome'

type Env = Readonly<Record<string, string | undefined>>

/** What a program on a terminal, and one that speaks TLS, look for beside what a browser needs. */
const passed = [
  ...['TERM', 'COLORTERM', 'COLUMNS', 'LINES', 'NO_COLOR', 'FORCE_COLOR'],
  ...['NODE_ENV', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
]

/** The worker's own: never a job's. */
const ownNames = ['SESSION_BROKER_KEY', 'SESSION_BROKER_KEY_FILE', 'CREDENTIALS_DIRECTORY']

/**
 * The environment of a job: an allow-list, so that the worker's key, and whatever else stands in its environment, is not handed
 * on by oversight.
 * @param names what else of the environment the job is to have
 */
export function jobEnv(env: Env, { names }: { names: readonly string[] }): Record<string, string> {
  const picked = pickBrowserEnv(env)
  for (const name of [...passed, ...names]) {
    const value = env[name]
    if (value !== undefined) picked[name] = value
  }
  for (const name of ownNames) delete picked[name]
  return picked
}

export const isOwnName = (name: string): boolean => ownNames.includes(name)
