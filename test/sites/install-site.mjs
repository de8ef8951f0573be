// Brings the third-party web apps that the tests log in to, and the curl, wget and openssl of the docs: `node test/sites/install-site.mjs NAME`. Quick when it
// is there. Plain JavaScript like the set-up that it builds on: the same apt-get, npm, lock and progress.
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { aptInstall, findApt } from '../../scripts/set-up/apt.mjs'
import { runCommand, SetUpError } from '../../scripts/set-up/command.mjs'
import { toolsDir } from '../../scripts/set-up/root.mjs'
import { setUp } from '../../scripts/set-up/set-up.mjs'
import { step } from '../../scripts/set-up/step.mjs'

/** Too big for the workspace's lock file and only for tests: each in a folder of its own, at exact versions. */
const sites = {
  curl: debianPackage('curl', '/usr/bin/curl'),
  xvfb: debianPackage('xvfb', '/usr/bin/Xvfb'),
  openssl: debianPackage('openssl', '/usr/bin/openssl'),
  wget: debianPackage('wget', '/usr/bin/wget'),
  django: debianPackage('python3-django', '/usr/lib/python3/dist-packages/django/__init__.py'),
  qbittorrent: debianPackage('qbittorrent-nox', '/usr/bin/qbittorrent-nox'),
  'node-red': npmPackages({ 'node-red': '4.1.15', bcryptjs: '3.0.3' }),
  'parse-dashboard': npmPackages({ 'parse-dashboard': '9.2.0' }),
  oidc: npmPackages({ 'oidc-provider': '9.13.3', 'express-openid-connect': '3.4.0', express: '5.3.0' }),
}

/** Neither package brings a service that would be started. */
function debianPackage(name, file) {
  return {
    isReady: () => existsSync(file),
    async make() {
      const apt = findApt()
      if (!apt) {
        throw new SetUpError(
          `The tests need the Debian package ${name} (${file}), and it could not be brought: that needs apt-get with ` +
            'root or a sudo without a password.',
        )
      }
      await step(`site: apt-get install ${name}`, (onLine) => aptInstall(apt, [name], onLine))
    },
  }
}

function npmPackages(versions) {
  const [main] = Object.entries(versions).map(([name, version]) => `${name}@${version}`)
  const folder = join(toolsDir, 'sites', main)
  return {
    folder,
    isReady: () => existsSync(folder),
    async make() {
      mkdirSync(dirname(folder), { recursive: true })
      const unfinished = `${folder}.unfinished`
      rmSync(unfinished, { recursive: true, force: true })
      const packages = Object.entries(versions).map(([name, version]) => `${name}@${version}`)
      const flags = ['--prefix', unfinished, '--no-audit', '--no-fund', '--omit=dev', '--ignore-scripts']
      try {
        await step(`site: npm install ${packages.join(' ')}`, (onLine) =>
          runCommand('npm', ['install', ...flags, ...packages], { timeoutMs: 10 * 60_000, onLine }),
        )
        // Comes under its name as a whole or not at all.
        renameSync(unfinished, folder)
      } finally {
        rmSync(unfinished, { recursive: true, force: true })
      }
    },
  }
}

const name = process.argv[2] ?? ''
const site = sites[name]
if (!site) {
  console.error(`install-site.mjs NAME, where NAME is one of: ${Object.keys(sites).join(', ')}`)
  process.exit(2)
}
try {
  await setUp([site])
  console.log(site.folder ?? '')
} catch (error) {
  if (!(error instanceof SetUpError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
