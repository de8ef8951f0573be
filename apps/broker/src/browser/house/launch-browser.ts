import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { unseenFeatures } from '@session-broker/chrome'
import { ProblemError } from '@session-broker/shared'
import { type Browser, chromium } from 'playwright'
import type { SiteExits } from '../../session/ports/site-exit.ts'
import { atMost } from '../at-most.ts'
import { teachReading } from '../reading/reading-engine.ts'
import type { BrowserFolder } from './browser-folder.ts'
import { playwrightDisables } from './playwright-disables.ts'

export interface BrowserOptions {
  executablePath: string
  headless: boolean
  args: readonly string[]
  /** False only as root, where Chromium's sandbox refuses to run. */
  sandbox: boolean
  /** The browser's whole environment: nothing of the broker's, which may hold secrets. */
  env: Record<string, string>
  /** Where it may write. */
  folder: BrowserFolder
  /** What it goes through by itself: lets nothing through that is no context's. */
  exits: Pick<SiteExits, 'server' | 'doorbell'>
}

export interface LaunchedBrowser {
  browser: Browser
  /** Ends it, by force where it hangs, and removes all that it wrote; may be called again. */
  close(): Promise<void>
}

/** A browser that hangs answers nothing: it has this long to end by itself. */
const endingMs = 3_000

/**
 * Starts a Chromium that keeps everything in a folder of its own, and ends when this process does: it is driven over a pipe,
 * since a port would be open to every user of the machine.
 * @throws ProblemError `login_misconfigured`
 */
export async function launchBrowser(options: BrowserOptions): Promise<LaunchedBrowser> {
  const { executablePath, folder } = options
  await teachReading()
  const own = folder.create()
  const browser = await start(options, own).catch(async (cause) => {
    await folder.remove(own)
    throw new ProblemError('login_misconfigured', `the browser ${executablePath} does not start`, { cause })
  })
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= atMost(endingMs, browser.close()).then(() => folder.remove(own))
    return closing
  }
  // It has crashed, or somebody has killed it.
  browser.once('disconnected', close)
  return { browser, close }
}

/** `launch` would keep its profile in the system's temporary folder, for ever where the broker is killed. */
async function start(
  { executablePath, headless, args, sandbox, env, exits }: BrowserOptions,
  folder: string,
): Promise<Browser> {
  const writing = whereToWrite(folder)
  await Promise.all(Object.values(writing).map((path) => mkdir(path)))
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath,
    headless,
    chromiumSandbox: sandbox,
    artifactsDir: join(folder, 'artifacts'),
    env: { ...env, ...writing },
    proxy: { server: exits.server },
    // By itself it asks Google what the fields of each form are for.
    args: [
      ...withoutUdp,
      ...(headless ? [withoutFeatures] : []),
      `--autofill-server-url=${exits.doorbell}`,
      ...args,
    ],
    // The broker decides when a login ends; a signal to the process group must not.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  })
  const browser = context.browser()
  if (!browser) throw new TypeError('a context that was launched has a browser')
  // Without a window the browser lives on with no page; with windows it would end with its last one.
  if (headless) await Promise.all(context.pages().map((page) => page.close()))
  return browser
}

/** WebRTC would go past the proxy; the first is a browser's switch, the second that of its headless shell. */
const withoutUdp = [
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
]

/** Of two such switches Chromium takes the last: Playwright's own list is said again. */
const withoutFeatures = `--disable-features=${[...playwrightDisables, ...unseenFeatures]}`

/** The path of a socket has 108 bytes at most, 104 on a Mac; Chromium's own in its temporary folder takes 46 of them. */
const longestTemporaryFolder = 55

function whereToWrite(folder: string): Record<string, string> {
  const temporary = join(folder, 'tmp')
  return {
    BREAKPAD_DUMP_LOCATION: join(folder, 'crashes'),
    ...(Buffer.byteLength(temporary) <= longestTemporaryFolder && { TMPDIR: temporary }),
  }
}
