import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
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

const host = '127.0.0.4'

export interface QBittorrentOptions extends StartOptions {
  /** Without a request for so long the session ends; default an hour. */
  idleSeconds?: number
}

/**
 * qBittorrent's Web UI: the form is sent by script, and a wrong password is HTTP 200 `Fails.`; `SID` is HttpOnly,
 * SameSite=Strict and without a date. Five wrong passwords ban the address.
 */
export async function startQBittorrent(options: QBittorrentOptions = {}): Promise<ThirdPartySite> {
  const { signal, idleSeconds = 3600 } = options
  await ensureInstalled('qbittorrent', signal)
  await using opened = new AsyncDisposableStack()
  const folder = await temporaryFolder('qbittorrent', opened)
  const username = 'alice'
  const password = randomPassword()
  const port = await freePort(host)
  const url = `http://${host}:${port}`
  const config = join(folder, 'qBittorrent', 'config')
  await mkdir(config, { recursive: true })
  await writeFile(join(config, 'qBittorrent.conf'), configFile({ port, username, password, idleSeconds }))

  async function start(): Promise<RunningProcess> {
    const started = await startProcess({
      name: 'qBittorrent',
      command: '/usr/bin/qbittorrent-nox',
      args: [`--profile=${folder}`],
      cwd: folder,
      env: { HOME: folder },
    })
    const answers = async (within: AbortSignal) =>
      (await fetch(`${url}/api/v2/app/version`, { signal: within })).status === 403
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
    name: 'qBittorrent',
    url,
    loginUrl: `${url}/`,
    username,
    password,
    fields: { username: '#username', password: '#password', submit: '#login' },
    check: { url: `${url}/api/v2/app/version`, in: 'http', expect: { status: 200, text: 'v' } },
    signedIn: { url: `${url}/`, selector: '#desktop' },
    async logOut(page) {
      await page.click('#desktopNavbar >> text=File')
      await page.click('#logoutLink')
      await page.waitForSelector('#username')
    },
    // They are in its memory alone.
    async killSessions() {
      await running.end()
      running = await start()
    },
    close: () => stack.disposeAsync(),
  }
}

interface Config {
  port: number
  username: string
  password: string
  idleSeconds: number
}

/** Nothing that reaches out: no DHT, no peer exchange, no local discovery, traffic bound to `lo`. */
function configFile({ port, username, password, idleSeconds }: Config): string {
  const salt = randomBytes(16)
  const key = pbkdf2Sync(password, salt, 100_000, 64, 'sha512')
  return `[LegalNotice]
Accepted=true

[BitTorrent]
Session\\DHTEnabled=false
Session\\PeXEnabled=false
Session\\LSDEnabled=false
Session\\Interface=lo
Session\\InterfaceName=lo

[Preferences]
Connection\\ResolvePeerCountries=false
Connection\\UPnP=false
WebUI\\Address=${host}
WebUI\\Port=${port}
WebUI\\UseUPnP=false
WebUI\\LocalHostAuth=true
WebUI\\SessionTimeout=${idleSeconds}
WebUI\\Username=${username}
WebUI\\Password_PBKDF2="@ByteArray(${salt.toString('base64')}:${key.toString('base64')})"
`
}
