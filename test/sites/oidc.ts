import { fileURLToPath } from 'node:url'
import { freePort, type RunningProcess, startProcess, waitFor } from '@session-broker/stage/process'
import { ensureInstalled } from './ensure-installed.ts'
import { randomPassword, type StartOptions, startMs, type ThirdPartySite } from './third-party-site.ts'

const server = fileURLToPath(new URL('./oidc-server.mjs', import.meta.url))
const host = '127.0.0.5'

/**
 * Sign-in by OpenID Connect over two sites (oidc-provider on `localhost`, express-openid-connect on another address):
 * redirects, the provider's form (any password will do), a consent page, and cookies of both hosts. The site's
 * `appSession` is encrypted and renewed on each answer.
 */
export async function startOidc({ signal }: StartOptions = {}): Promise<ThirdPartySite> {
  const packages = await ensureInstalled('oidc', signal)
  const providerPort = await freePort()
  const sitePort = await freePort(host)
  const url = `http://${host}:${sitePort}`

  async function start(): Promise<RunningProcess> {
    const started = await startProcess({
      name: 'the OpenID provider and its site',
      command: process.execPath,
      args: [server, packages, String(providerPort), String(sitePort)],
      env: { OIDC_COOKIE_SECRET: randomPassword().repeat(3), OIDC_CLIENT_SECRET: randomPassword().repeat(3) },
    })
    // The site's redirect shows that it has found the provider as well.
    const answers = async (within: AbortSignal) =>
      (await fetch(`${url}/`, { redirect: 'manual', signal: within })).status === 302
    await waitFor(started, answers, { withinMs: startMs, signal }).catch(async (error: unknown) => {
      await started.end()
      throw error
    })
    return started
  }

  let running = await start()
  return {
    name: 'OpenID Connect',
    url,
    loginUrl: `${url}/`,
    username: 'alice',
    password: randomPassword(),
    fields: {
      username: 'input[name=login]',
      password: 'input[name=password]',
      submit: 'form:has(input[name=prompt][value=login]) button[type=submit]',
    },
    after: [{ click: 'form:has(input[name=prompt][value=consent]) button[type=submit]' }],
    check: { url: `${url}/`, in: 'http', expect: { status: 200, text: 'Hello alice' } },
    signedIn: { url: `${url}/`, selector: '#hello' },
    async logOut(page) {
      await page.goto(`${url}/logout`)
      // The provider asks only whom it knows itself: its own cookies are not part of the session.
      const sure = page.locator('text=Yes, sign me out')
      await sure.or(page.locator('input[name=login]')).first().waitFor()
      if (await sure.isVisible()) await sure.click()
      await page.waitForSelector('input[name=login]')
    },
    keepsNoSessions: true,
    // Sessions are in the provider's memory and in cookies that only the present secret opens.
    async killSessions() {
      await running.end()
      running = await start()
    },
    close: () => running.end(),
  }
}
