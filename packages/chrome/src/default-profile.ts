import { realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { ChromeError } from './chrome-error.ts'

const personalDirs: Record<string, readonly string[]> = {
  linux: [
    '.config/google-chrome',
    '.config/google-chrome-beta',
    '.config/google-chrome-unstable',
    '.config/chromium',
    '.config/microsoft-edge',
    '.config/BraveSoftware',
    'snap/chromium/common/chromium',
    '.var/app/com.google.Chrome/config/google-chrome',
    '.var/app/org.chromium.Chromium/config/chromium',
  ],
  darwin: [
    'Library/Application Support/Google/Chrome',
    'Library/Application Support/Google/Chrome Canary',
    'Library/Application Support/Chromium',
    'Library/Application Support/Microsoft Edge',
    'Library/Application Support/BraveSoftware',
  ],
  win32: [
    'AppData/Local/Google/Chrome',
    'AppData/Local/Chromium',
    'AppData/Local/Microsoft/Edge',
    'AppData/Local/BraveSoftware',
  ],
}

/** Whether it is the profile of the person who works at this machine. */
export async function isPersonalProfile(
  userDataDir: string,
  { home = homedir(), platform = process.platform } = {},
): Promise<boolean> {
  const wanted = await realPathOf(resolve(userDataDir))
  for (const dir of personalDirs[platform] ?? personalDirs.linux ?? []) {
    const personal = await realPathOf(join(home, dir))
    if (wanted === personal || wanted.startsWith(personal + sep)) return true
  }
  return false
}

/**
 * Throws `profile_refused` for the profile of the person who works at this machine: their own sessions are not the
 * fleet's, and Chrome doesn't open a debugging port on its default profile anyway.
 */
export async function refusePersonalProfile(
  userDataDir: string,
  surroundings: { home?: string; platform?: NodeJS.Platform } = {},
): Promise<void> {
  if (!(await isPersonalProfile(userDataDir, surroundings))) return
  throw new ChromeError(
    'profile_refused',
    `${userDataDir} is a person's own browser profile: give this Chrome a directory of its own`,
  )
}

/** The path with its links followed as far as it exists: a profile that is yet to be made has a parent that does. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(await realPathOf(parent), basename(path))
  }
}
