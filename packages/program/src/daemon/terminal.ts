import { readFileSync } from 'node:fs'

export interface Terminal {
  /** There is one that this process belongs to. */
  isThere: boolean
  /** This process belongs to its foreground group, the one that a Ctrl-C goes to. */
  isInFront: boolean
}

/** The terminal of this process, as it is at this moment. */
export function readTerminal(): Terminal {
  try {
    // proc(5): after the name in brackets come state, ppid, pgrp, session, tty_nr, tpgid.
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    const isThere = fields[4] !== '0'
    return { isThere, isInFront: isThere && fields[2] === fields[5] }
  } catch {
    const isThere = process.stdin.isTTY === true
    return { isThere, isInFront: isThere }
  }
}
