import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SetUpError } from './command.mjs'
import { toolsDir } from './root.mjs'
import { say } from './step.mjs'

const path = join(toolsDir, 'set-up.lock')
const beatMs = 2_000
const staleMs = 20_000
const patienceMs = 30 * 60_000

/** Runs `work` while no other set-up of this checkout runs; waits for the other one, and says so. */
export async function withSetUpLock(work) {
  mkdirSync(toolsDir, { recursive: true })
  const startedAt = Date.now()
  let told = false
  while (!tryLock()) {
    if (Date.now() - startedAt > patienceMs) {
      throw new SetUpError(
        `Another set-up has been running for ${patienceMs / 60_000} minutes. If none is, remove ${path}`,
      )
    }
    if (!told) say('another set-up of this checkout is running: waiting for it')
    told = true
    await sleep(250)
  }
  // Alive is who keeps the file young: a process id says nothing across containers.
  const beat = setInterval(() => touch(), beatMs)
  const unlock = () => rmSync(path, { force: true })
  process.once('exit', unlock)
  try {
    return await work()
  } finally {
    clearInterval(beat)
    process.off('exit', unlock)
    unlock()
  }
}

function tryLock() {
  try {
    writeFileSync(path, JSON.stringify({ host: hostname(), pid: process.pid }), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (isStale()) rmSync(path, { force: true })
    return false
  }
}

function isStale() {
  try {
    if (Date.now() - statSync(path).mtimeMs > staleMs) return true
    const { host, pid } = JSON.parse(readFileSync(path, 'utf8'))
    return host === hostname() && !isRunning(pid)
  } catch {
    // It was released or is being written this moment: look again.
    return false
  }
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code !== 'ESRCH'
  }
}

function touch() {
  const now = new Date()
  try {
    utimesSync(path, now, now)
  } catch {
    // Someone removed the file by hand: there is nothing left to keep young.
  }
}
