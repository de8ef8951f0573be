import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, type RunningProcess, startProcess, waitFor } from '@session-broker/stage/process'
import { ensureInstalled } from './ensure-installed.ts'
import {
  randomPassword,
  type StartOptions,
  startMs,
  type ThirdPartySite,
  temporaryFolder,
} from './third-party-site.ts'

const host = '127.0.0.3'

/** Node-RED's editor: a single-page app without any cookie; a bearer token in localStorage `auth-tokens`. */
export async function startNodeRed({ signal }: StartOptions = {}): Promise<ThirdPartySite> {
  const packages = await ensureInstalled('node-red', signal)
  await using opened = new AsyncDisposableStack()
  const folder = await temporaryFolder('node-red', opened)
  const username = 'alice'
  const password = randomPassword()
  const port = await freePort(host)
  const url = `http://${host}:${port}`
  const settings = join(folder, 'settings.cjs')
  await writeFile(settings, settingsFile(packages, { port, username }))

  async function start(): Promise<RunningProcess> {
    const started = await startProcess({
      name: 'Node-RED',
      command: process.execPath,
      args: [join(packages, 'node_modules/node-red/red.js'), '-u', folder, '-s', settings],
      cwd: folder,
      // By the environment: a password has no place in argv.
      env: { NODE_RED_PASSWORD: password, HOME: folder },
    })
    await waitFor(
      started,
      async (within) => (await fetch(`${url}/settings`, { signal: within })).status === 401,
      {
        withinMs: startMs,
        signal,
      },
    ).catch(async (error: unknown) => {
      await started.end()
      throw error
    })
    return started
  }

  let running = await start()
  opened.defer(() => running.end())
  const stack = opened.move()
  return {
    name: 'Node-RED',
    url,
    loginUrl: `${url}/`,
    username,
    password,
    fields: {
      username: '#node-dialog-login-username',
      password: '#node-dialog-login-password',
      submit: '#node-dialog-login-submit',
    },
    check: { url: `${url}/`, in: 'browser', expect: { selector: '#red-ui-header-button-user' } },
    signedIn: { url: `${url}/`, selector: '#red-ui-header-button-user' },
    async logOut(page) {
      await page.click('#red-ui-header-button-user')
      await page.click('#usermenu-item-logout')
      await page.waitForSelector('#node-dialog-login-username')
    },
    async killSessions() {
      await running.end()
      await rm(join(folder, '.sessions.json'), { force: true })
      running = await start()
    },
    close: () => stack.disposeAsync(),
  }
}

/** Quiet and by itself: no telemetry, no look for updates, no catalogue of more nodes. */
function settingsFile(packages: string, { port, username }: { port: number; username: string }): string {
  return `const { hashSync } = require(${JSON.stringify(join(packages, 'node_modules/bcryptjs'))})
module.exports = {
  uiHost: '${host}',
  uiPort: ${port},
  adminAuth: {
    type: 'credentials',
    users: [{ username: '${username}', password: hashSync(process.env.NODE_RED_PASSWORD, 8), permissions: '*' }],
  },
  credentialSecret: false,
  telemetry: { enabled: false, updateNotification: false },
  diagnostics: { enabled: false },
  externalModules: { palette: { allowInstall: false, allowUpload: false }, modules: { allowInstall: false } },
  editorTheme: { tours: false, palette: { catalogues: [] }, projects: { enabled: false } },
  logging: { console: { level: 'warn', metrics: false, audit: false } },
}
`
}
