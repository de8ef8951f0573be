import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSecondFactor } from '@session-broker/stage/gallery'
import { freePort, type RunningProcess, startProcess, waitFor } from '@session-broker/stage/process'
import { ensureInstalled } from './ensure-installed.ts'
import {
  randomPassword,
  type StartOptions,
  startMs,
  type ThirdPartySite,
  temporaryFolder,
} from './third-party-site.ts'

const host = '127.0.0.6'

/**
 * Parse Dashboard with a second factor, and no Parse Server behind it: the same form comes again with a field for the code, and
 * sends itself at the sixth digit. `parse_dash` is HttpOnly, without a date, and known to the program's memory alone.
 */
export async function startParseDashboard({ signal }: StartOptions = {}): Promise<ThirdPartySite> {
  const packages = await ensureInstalled('parse-dashboard', signal)
  await using opened = new AsyncDisposableStack()
  const folder = await temporaryFolder('parse-dashboard', opened)
  const username = 'alice'
  const password = randomPassword()
  const app = createSecondFactor('totp')
  const port = await freePort(host)
  const url = `http://${host}:${port}`
  const config = join(folder, 'config.json')
  await writeFile(config, configFile({ url, username, password, totp: app.totpSecret }), { mode: 0o600 })

  async function start(): Promise<RunningProcess> {
    const started = await startProcess({
      name: 'Parse Dashboard',
      command: process.execPath,
      args: [
        join(packages, 'node_modules/parse-dashboard/bin/parse-dashboard'),
        ...['--config', config, '--host', host, '--port', String(port), '--allowInsecureHTTP', 'true'],
      ],
      cwd: folder,
      // By the environment: a secret has no place in argv.
      env: { HOME: folder, PARSE_DASHBOARD_COOKIE_SESSION_SECRET: randomPassword() },
    })
    const answers = async (within: AbortSignal) => (await fetch(`${url}/login`, { signal: within })).ok
    await waitFor(started, answers, { withinMs: startMs, signal }).catch(async (error: unknown) => {
      await started.end()
      throw error
    })
    return started
  }

  let running = await start()
  opened.defer(() => running.end())
  const stack = opened.move()
  return {
    name: 'Parse Dashboard',
    url,
    loginUrl: `${url}/login`,
    username,
    password,
    totp: app.totpSecret,
    nextCode: app.nextCode,
    fields: {
      username: 'input[name=username]',
      password: 'input[name=password]',
      submit: 'input[type=submit]',
      code: 'input[name=otpCode]',
    },
    check: {
      url: `${url}/parse-dashboard-config.json`,
      in: 'http',
      expect: { status: 200, text: '"appName"' },
    },
    signedIn: { url: `${url}/apps`, selector: 'text=The app of a test' },
    logOut: (page) => page.goto(`${url}/logout`).then(() => undefined),
    async killSessions() {
      await running.end()
      running = await start()
    },
    close: () => stack.disposeAsync(),
  }
}

function configFile(of: { url: string; username: string; password: string; totp: string }): string {
  const { url, username, password, totp } = of
  const app = { serverURL: `${url}/parse`, appId: 'app', masterKey: 'key', appName: 'The app of a test' }
  return JSON.stringify({
    apps: [app],
    users: [{ user: username, pass: password, mfa: totp, mfaAlgorithm: 'SHA1', mfaDigits: 6, mfaPeriod: 30 }],
    trustProxy: 0,
  })
}
