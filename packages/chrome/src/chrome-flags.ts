import { unseenFeatures } from './unseen-features.ts'

export type FlagOptions = {
  userDataDir: string
  /** 0: Chrome takes a free one. Undefined: none, the pipe is the only way in. */
  port: number | undefined
  headless: boolean
  /** More flags of the caller; they stand last and win. */
  flags?: readonly string[]
  url?: string
  platform?: NodeJS.Platform
  isRoot?: boolean
}

/** Nothing that asks the person, talks to the vendor, or keeps a secret in the desktop's keyring. */
const quiet = [
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-default-apps',
  '--disable-breakpad',
  '--password-store=basic',
  '--use-mock-keychain',
]

/** The command line of a Chrome that speaks CDP on 127.0.0.1, or over its pipe alone, and ends when its parent does. */
export function chromeFlags(options: FlagOptions): string[] {
  const { platform = process.platform, isRoot = process.getuid?.() === 0 } = options
  return [
    ...quiet,
    // The port is for everyone who uses this Chrome; the pipe is ours: Chrome ends when it closes, so a parent that
    // is killed leaves no browser behind.
    ...(options.port === undefined ? [] : [`--remote-debugging-port=${options.port}`]),
    '--remote-debugging-pipe',
    `--user-data-dir=${options.userDataDir}`,
    ...(options.headless ? ['--headless=new', '--disable-gpu', `--disable-features=${unseenFeatures}`] : []),
    // Containers give /dev/shm 64 MB; pages crash when it is full.
    ...(platform === 'linux' ? ['--disable-dev-shm-usage'] : []),
    // Chrome's sandbox refuses to start for root; for everyone else it stays on.
    ...(platform === 'linux' && isRoot ? ['--no-sandbox'] : []),
    ...(options.flags ?? []),
    options.url ?? 'about:blank',
  ]
}
