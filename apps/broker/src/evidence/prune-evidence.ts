import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** All of it holds, whatever is reached first. */
export interface EvidenceLimits {
  /** Of each session the newest so many. */
  keep: number
  maxAgeMs: number
  /** Of all sessions together. */
  maxBytes: number
}

interface Kept {
  path: string
  session: string
  atMs: number
  bytes: number
}

/** Removes what is too old or too much, the oldest first. What nobody here has made is left alone. */
export async function pruneEvidence(folder: string, limits: EvidenceLimits, nowMs: number): Promise<void> {
  const sessions = await foldersIn(folder)
  const all = await Promise.all(sessions.map((session) => keptIn(folder, session)))
  const newestFirst = all.flat().sort((a, b) => b.atMs - a.atMs)
  const seen = new Map<string, number>()
  let bytes = 0
  for (const { path, session, atMs, bytes: own } of newestFirst) {
    const place = (seen.get(session) ?? 0) + 1
    seen.set(session, place)
    bytes += own
    const isOver = place > limits.keep || nowMs - atMs > limits.maxAgeMs || bytes > limits.maxBytes
    if (isOver) await rm(path, { recursive: true, force: true })
  }
}

async function keptIn(folder: string, session: string): Promise<Kept[]> {
  const names = await foldersIn(join(folder, session))
  const kept = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, session, name)
      const atMs = timeOf(name)
      return atMs === undefined ? undefined : { path, session, atMs, bytes: await sizeOf(path) }
    }),
  )
  return kept.filter((each) => each !== undefined)
}

/** `2026-11-25T18-30-22.123Z-captcha` */
function timeOf(name: string): number | undefined {
  const [, day, hours, minutes, seconds] = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-([\d.]+Z)-\w+$/.exec(name) ?? []
  const ms = Date.parse(`${day}T${hours}:${minutes}:${seconds}`)
  return Number.isNaN(ms) ? undefined : ms
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => [])
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
