import { spawn } from 'node:child_process'
import { cleanEnv } from './env.mjs'
import { root } from './root.mjs'

/** The set-up cannot go on: a message for the person, with what to do. */
export class SetUpError extends Error {}

const keptLines = 25

/**
 * Runs a command quietly; fails with a SetUpError that holds the end of what it said.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {{ timeoutMs: number, quietMs?: number, env?: object, onLine?: (line: string) => void }} options
 *   `quietMs`: how long it may say nothing; `onLine` hears each line as it comes, to show that something moves
 * @returns {Promise<string>} its standard output
 */
export function runCommand(file, args, { timeoutMs, quietMs = timeoutMs, env = {}, onLine = () => {} }) {
  const child = spawn(file, args, {
    cwd: root,
    env: { ...cleanEnv(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // npm is a .cmd file on Windows, and only a shell runs those.
    shell: process.platform === 'win32',
  })
  const said = []
  let stdout = ''
  let late = ''
  const stop = (why) => {
    late = why
    child.kill('SIGTERM')
  }
  const timer = setTimeout(() => stop(`not ready after ${timeoutMs / 1000} s`), timeoutMs)
  const silence = setTimeout(() => stop(`said nothing for ${quietMs / 1000} s`), quietMs)
  const hear = (chunk) => {
    silence.refresh()
    for (const line of String(chunk).split(/[\r\n]+/)) {
      if (line.trim() === '') continue
      onLine(line.trim())
      if (said.push(line) > keptLines) said.shift()
    }
  }
  child.stdout.on('data', (chunk) => {
    stdout += chunk
    hear(chunk)
  })
  child.stderr.on('data', hear)
  return new Promise((resolve, reject) => {
    const fail = (why) =>
      reject(new SetUpError([`${[file, ...args].join(' ')}: ${why}`, ...said].join('\n  ')))
    const stopTimers = () => {
      clearTimeout(timer)
      clearTimeout(silence)
    }
    child.once('error', (error) => {
      stopTimers()
      fail(error.message)
    })
    child.once('close', (code, signal) => {
      stopTimers()
      if (late) fail(late)
      else if (code !== 0) fail(signal ? `ended by ${signal}` : `exit code ${code}`)
      else resolve(stdout)
    })
  })
}
