import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { answers, aptInstall, findApt } from './apt.mjs'
import { runCommand, SetUpError } from './command.mjs'
import { toolsDir } from './root.mjs'
import { step } from './step.mjs'

const ownBin = join(toolsDir, 'bin')
const ownServer = join(ownBin, 'redis-server')

/** A redis-server to start on free ports: an installed one, else the system's package. No service is started. */
export const redis = {
  isReady: () => pathDirs().some((dir) => existsSync(join(dir, 'redis-server'))),

  async make() {
    const apt = findApt()
    if (apt) await step('redis: apt-get install redis-tools', (onLine) => installTools(apt, onLine))
    else if (answers('brew', ['--version'])) {
      const rules = { timeoutMs: 15 * 60_000 }
      await step('redis: brew install redis', (onLine) =>
        runCommand('brew', ['install', 'redis'], { ...rules, onLine }),
      )
    }
    if (redis.isReady()) return
    throw new SetUpError(
      'The tests need a redis-server to start on ports of their own, and none could be brought (that needs apt-get ' +
        'with root or a sudo without a password, or brew). Install Redis in your usual way, so that redis-server is ' +
        'on the path.',
    )
  },
}

/**
 * Debian's server is the program redis-check-rdb of the package redis-tools under another name; the package
 * redis-server adds the name, and a service that would be started at once on the port that others use.
 */
async function installTools(apt, onLine) {
  await aptInstall(apt, ['redis-tools'], onLine)
  if (existsSync('/usr/bin/redis-server')) return
  mkdirSync(ownBin, { recursive: true })
  rmSync(ownServer, { force: true })
  symlinkSync('/usr/bin/redis-check-rdb', ownServer)
  const version = execFileSync(ownServer, ['--version'], { encoding: 'utf8', timeout: 15_000 })
  if (version.startsWith('Redis server')) return
  rmSync(ownServer)
  throw new SetUpError('The package redis-tools holds no server here: install redis-server')
}

function pathDirs() {
  return [...(process.env.PATH ?? '').split(delimiter), ownBin].filter(Boolean)
}
