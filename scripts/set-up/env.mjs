import { delimiter, join } from 'node:path'
import { toolsDir } from './root.mjs'

/** What of npm's settings says how to reach the network, and where things are kept. */
const kept =
  /^npm_config_(registry|.*proxy|noproxy|cafile|ca|strict_ssl|userconfig|globalconfig|cache|fetch_.*)$/i

/**
 * The environment without what `npm run` adds for its scripts. A nested npm would take `npm_config_dry_run`,
 * `npm_config_global` or `npm_config_prefix` of the outer command for its own.
 */
export function cleanEnv() {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => kept.test(name) || (!/^npm_/i.test(name) && name !== 'INIT_CWD'),
    ),
  )
}

/** The environment of the project's programs: `node` and `redis-server` are those that the set-up found. */
export function programEnv({ nodeDir }) {
  const env = cleanEnv()
  const path = [nodeDir, env.PATH, join(toolsDir, 'bin')].filter(Boolean).join(delimiter)
  return { ...env, PATH: path }
}
