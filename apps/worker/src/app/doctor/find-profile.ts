import { readFile, readlink } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ChromeConnection } from '../../cdp/connect-to-chrome.ts'

/** The profile of a Chrome on this machine; a `dir` left out: none was named when it was started. */
export interface FoundProfile {
  dir?: string
}

const option = '--user-data-dir='

/** @returns undefined where it cannot be told: no /proc, another user’s Chrome, one in another container */
export async function findProfile(chrome: ChromeConnection): Promise<FoundProfile | undefined> {
  try {
    const { processInfo } = await chrome.send('SystemInfo.getProcessInfo')
    const pid = processInfo.find(({ type }) => type === 'browser')?.id
    const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
    // A process of that number in this container may be somebody else.
    if (!args.some((arg) => arg.startsWith('--remote-debugging-'))) return undefined
    const dir = args.findLast((arg) => arg.startsWith(option))?.slice(option.length)
    return dir ? { dir: resolve(await readlink(`/proc/${pid}/cwd`), dir) } : {}
  } catch {
    return undefined
  }
}
