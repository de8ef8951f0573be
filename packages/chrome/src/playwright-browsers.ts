import { access, readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

const cacheDirs: Record<string, string> = {
  darwin: 'Library/Caches/ms-playwright',
  win32: 'AppData/Local/ms-playwright',
}

const executables: Record<string, readonly string[]> = {
  linux: ['chrome', 'chrome-headless-shell', 'headless_shell'],
  darwin: [
    'Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
    'Chromium.app/Contents/MacOS/Chromium',
    'chrome-headless-shell',
    'headless_shell',
  ],
  win32: ['chrome.exe', 'chrome-headless-shell.exe', 'headless_shell.exe'],
}

/** Where `playwright install` puts its browsers; PLAYWRIGHT_BROWSERS_PATH decides, as it does for Playwright. */
export function playwrightBrowsersDir({
  env = process.env,
  home = homedir(),
  platform = process.platform,
} = {}): string {
  const said = env.PLAYWRIGHT_BROWSERS_PATH
  // 0 means "inside Playwright's own package", which this package doesn't know.
  return said && said !== '0' ? said : join(home, cacheDirs[platform] ?? '.cache/ms-playwright')
}

/** Every complete Chromium in Playwright's download directory: whole browsers first, newest first. */
export async function listPlaywrightBrowsers(
  dir: string,
  platform: NodeJS.Platform = process.platform,
): Promise<string[]> {
  const found: string[] = []
  for (const name of sortBuilds(await namesIn(dir))) {
    const build = join(dir, name)
    // Playwright writes this file last: a download that was cut off has none.
    if (!(await exists(join(build, 'INSTALLATION_COMPLETE')))) continue
    for (const folder of await namesIn(build)) {
      for (const executable of executables[platform] ?? []) {
        const path = join(build, folder, executable)
        if (await exists(path)) found.push(path)
      }
    }
  }
  return found
}

function sortBuilds(names: readonly string[]): string[] {
  const builds = names.flatMap((name) => {
    const [, kind, revision] = /^(chromium|chromium_headless_shell)-(\d+)$/.exec(name) ?? []
    return kind === undefined ? [] : [{ name, whole: kind === 'chromium', revision: Number(revision) }]
  })
  builds.sort((a, b) => Number(b.whole) - Number(a.whole) || b.revision - a.revision)
  return builds.map((build) => build.name)
}

async function namesIn(dir: string): Promise<string[]> {
  // A directory that isn't there holds no browser: that is an answer, not a failure.
  return readdir(dir).catch(() => [])
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
