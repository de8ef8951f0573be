import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { aptInstall, findApt } from './apt.mjs'
import { runCommand, SetUpError } from './command.mjs'
import { root, toolsDir } from './root.mjs'
import { say, step } from './step.mjs'
import { findTools } from './tools.mjs'

const stamp = join(toolsDir, 'browser.json')
const quietMs = 45_000

/** Chrome or Chromium: an installed one, else Playwright's own download, else the system's package. */
export const browser = {
  isReady() {
    try {
      const { path, ...asked } = JSON.parse(readFileSync(stamp, 'utf8'))
      accessSync(path, constants.X_OK)
      return JSON.stringify(asked) === JSON.stringify(askedFor())
    } catch {
      return false
    }
  },

  async make() {
    for (const bring of [async () => {}, downloadWithPlaywright, installWithApt]) {
      await bring()
      const found = await findBrowser()
      if (found) return remember(found)
    }
    throw new SetUpError(
      'No Chrome or Chromium is on this machine, and none could be brought: neither by Playwright’s download ' +
        'nor by apt-get (that needs Debian or Ubuntu, and root or a sudo without a password).\n' +
        'Install Google Chrome or Chromium in your usual way, or say where one is: CHROME_PATH=/path/to/chrome',
    )
  },
}

/** What the person says about browsers: said otherwise, it is looked for again. */
function askedFor() {
  const { CHROME_PATH = '', PLAYWRIGHT_BROWSERS_PATH = '' } = process.env
  return { CHROME_PATH, PLAYWRIGHT_BROWSERS_PATH }
}

function remember({ path, product }) {
  say(`browser: ${product ?? 'found'} at ${path}`)
  writeFileSync(stamp, JSON.stringify({ path, ...askedFor() }))
}

/** Asks the project's own search, so that the set-up and the programs never disagree. */
async function findBrowser() {
  const args = [join(root, 'scripts/set-up/find-browser.ts')]
  return JSON.parse(await runCommand(findTools().nodePath, args, { timeoutMs: 60_000 }))
}

async function downloadWithPlaywright() {
  if (process.env.PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD) return
  const cli = join(root, 'apps/broker/node_modules/playwright/cli.js')
  // Five tries that it makes by itself: each may wait this long for a connection.
  const env = { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '10000' }
  const rules = { timeoutMs: 10 * 60_000, quietMs, env }
  await tryTo('browser: Playwright’s download of Chromium', (onLine) =>
    runCommand(findTools().nodePath, [cli, 'install', '--no-shell', 'chromium'], { ...rules, onLine }),
  )
}

async function installWithApt() {
  const apt = findApt()
  if (!apt) return
  // Recommended by the package: Chromium's sandbox for everyone but root, and letters to draw.
  const names = ['chromium', 'chromium-sandbox', 'fonts-liberation']
  await tryTo(`browser: apt-get install ${names[0]}`, (onLine) => aptInstall(apt, names, onLine))
}

/** A way that fails is told and left: there may be another. */
async function tryTo(title, work) {
  try {
    await step(title, work)
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error
    say(`  ${shortReason(error.message)}`)
  }
}

function shortReason(message) {
  const lines = message.split('\n').map((line) => line.trim())
  return (
    lines.find((line) => /ENOTFOUND|ECONN|ETIMEDOUT|^E: |not ready|said nothing/.test(line)) ?? lines[0]
  ).slice(0, 160)
}
