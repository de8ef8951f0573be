import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { programEnv } from './set-up/env.mjs'
import { root } from './set-up/root.mjs'

/**
 * Runs one of the project's programs to its end, on this process's own standard input and outputs, and gives its
 * exit code (128 + the signal's number, as a shell says it, when a signal ended it). The npm scripts say `exec`: a
 * shell between npm and this process would take a signal and die of it, alone.
 *
 * @param {{ nodePath: string, nodeDir: string }} tools
 * @param {{ args: string[], cwd: string }} program args[0] is the file, from the root of the project
 * @returns {Promise<number>}
 */
export function runProgram(tools, { args: [file, ...args], cwd }) {
  const child = spawn(tools.nodePath, ['--conditions=@session-broker/source', join(root, file), ...args], {
    cwd,
    stdio: 'inherit',
    env: programEnv(tools),
  })
  const sent = new Set()
  const passOn = (signal) => {
    // npm passes a signal on that this process has had already, and a program takes a second one as "at once".
    if (sent.has(signal)) return
    sent.add(signal)
    child.kill(signal)
  }
  const onInterrupt = () => {
    // A Ctrl-C reaches the child too: the terminal sends it to everyone in front of it.
    if (!standsInFrontOfTerminal()) passOn('SIGINT')
  }
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', passOn)
  process.on('SIGHUP', passOn)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(signal ? 128 + constants.signals[signal] : code))
  })
}

/** Whether this process belongs to the terminal's foreground group, the one that a Ctrl-C goes to. */
function standsInFrontOfTerminal() {
  try {
    // proc(5): after the name in brackets come state, ppid, pgrp, session, tty_nr, tpgid.
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields[2] === fields[5]
  } catch {
    return Boolean(process.stdin.isTTY)
  }
}
