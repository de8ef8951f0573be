import { UserMistake } from '@session-broker/program/command-line'
import { showAddress } from '../config/listen-address.ts'
import { type BrokerConfig, loadConfig } from '../config/load-config.ts'
import type { Surroundings } from './surroundings.ts'
import { tryReferences } from './try-references.ts'

export interface CheckConfigOptions {
  config: string
  insecureNoAuth: boolean
  /** Also looks the secrets up, and runs the commands that give them. */
  resolve: boolean
}

/** Says what a configuration means, or everything that is wrong with it. */
export async function checkConfig(options: CheckConfigOptions, surroundings: Surroundings): Promise<void> {
  const { env, cwd, stdout } = surroundings
  const { insecureNoAuth } = options
  const config = await loadConfig({ file: options.config, cwd, insecureNoAuth })
  const trials = options.resolve ? await tryReferences(config, env) : []
  const failures = trials.filter(({ failure }) => failure !== undefined)
  if (failures.length > 0) {
    const lines = failures.map(({ key, failure }) => `  ${key}: ${failure}`)
    throw new UserMistake(['These references lead to no secret:', ...lines].join('\n'))
  }
  const found = trials.map(({ key, shown, note }) => `  ${key}: found (${shown}${note ? `; ${note}` : ''})`)
  stdout.write(`${['OK', ...describe(config), ...found].join('\n')}\n`)
}

function describe(config: BrokerConfig): string[] {
  const { listen, tls, redis, lockRedis, data, keys, sessions } = config
  const store = redis === undefined ? `the embedded store in ${data}` : 'Redis'
  const locks = lockRedis ? `, locks on ${lockRedis.length} Redis servers` : ''
  return [
    `  listens on ${tls ? 'https' : 'http'}://${showAddress(listen)}, keeps its state in ${store}${locks}`,
    ...keys.map(
      (key) => `  key ${key.name}: ${key.scopes.join(', ')}; ${key.sessions?.join(', ') ?? 'all sessions'}`,
    ),
    ...Object.entries(sessions).map(
      ([name, { login, check }]) =>
        `  session ${name}: ${login.password === undefined ? 'is signed in to by a person' : 'signs in'} at ${new URL(login.url).origin}, ` +
        (check.url !== undefined
          ? `checked at ${new URL(check.url).origin} (${check.in})`
          : 'check derived at the first login'),
    ),
  ]
}
