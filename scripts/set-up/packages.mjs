import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from './command.mjs'
import { root } from './root.mjs'
import { step } from './step.mjs'
import { findTools } from './tools.mjs'

/** Kept inside node_modules, so that it goes when they go. */
const stamp = join(root, 'node_modules', '.set-up-stamp')

/** The packages of the lock file, in every folder of the workspace. */
export const packages = {
  isReady() {
    try {
      if (readFileSync(stamp, 'utf8') !== fingerprint()) return false
      return workspaceFolders().every((dir) => !hasDependencies(dir) || existsSync(join(dir, 'node_modules')))
    } catch {
      return false
    }
  },

  async make() {
    const { pnpmPath, nodeDir } = findTools()
    await step('packages: pnpm install --frozen-lockfile', async (onLine) => {
      const args = [
        'install',
        '--frozen-lockfile',
        '--reporter=append-only',
        '--config.confirm-modules-purge=false',
      ]
      const env = { PATH: [nodeDir, process.env.PATH].join(process.platform === 'win32' ? ';' : ':') }
      await runCommand(pnpmPath, args, { timeoutMs: 15 * 60_000, env, onLine })
      writeFileSync(stamp, fingerprint())
    })
  },
}

/** What the installed packages depend on: change any of it, and they are looked after again. */
function fingerprint() {
  const hash = createHash('sha256')
  hash.update(`${process.platform} ${process.arch}\n`)
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml'].map((name) => join(root, name))
  for (const dir of workspaceFolders()) files.push(join(dir, 'package.json'))
  for (const file of files) hash.update(file.slice(root.length)).update(readFileSync(file))
  return hash.digest('hex')
}

function workspaceFolders() {
  const lists = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8').matchAll(/^ {2}- (\S+?)(\/\*)?$/gm)
  const dirs = [...lists].flatMap(([, name, star]) =>
    star ? readdirSync(join(root, name)).map((child) => join(root, name, child)) : [join(root, name)],
  )
  return [root, ...dirs].filter((dir) => existsSync(join(dir, 'package.json'))).sort()
}

function hasDependencies(dir) {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(
    readFileSync(join(dir, 'package.json'), 'utf8'),
  )
  return Object.keys({ ...dependencies, ...devDependencies }).length > 0
}
