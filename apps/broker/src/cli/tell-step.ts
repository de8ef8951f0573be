import type { TrailStep } from '../session/ports/login-traces.ts'

/** Writes a sign-in's trail down for people, line by line as it comes: each page by its address, below it what was read and done. */
export function createStepTeller(write: (text: string) => void): (step: TrailStep) => void {
  let page = ''
  return ({ atMs, url, what, text }) => {
    if (url !== page) write(`${url}\n`)
    page = url
    write(`${(atMs / 1000).toFixed(1).padStart(6)} s  ${what.padEnd(4)}  ${text}\n`)
  }
}
