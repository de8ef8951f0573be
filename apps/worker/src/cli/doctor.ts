import { systemClock } from '@session-broker/program/clock'
import { UserMistake } from '@session-broker/program/command-line'
import { examine } from '../app/doctor/examine.ts'
import { createNotes, type Finding, type Level, type Notes } from '../app/doctor/finding.ts'
import { readBrokerUrls, readChromeUrls, readKey, readSessions } from './read-options.ts'
import type { Surroundings } from './surroundings.ts'

export interface DoctorOptions {
  broker: string[]
  session?: string[]
  chrome?: string[]
  insecureHttp: boolean
  json: boolean
}

/** Tells what is wrong with this machine's worker, Chrome and broker, and what to do. Ends with 1 where anything fails. */
export async function doctor(options: DoctorOptions, surroundings: Surroundings): Promise<void> {
  const { env, stdout, endWith } = surroundings
  const sessions = readSessions(options.session ?? [])
  const chromes = readChromeUrls(options.chrome ?? ['http://127.0.0.1:9222'])
  const findings: Finding[] = []
  lookAtNode(surroundings.nodeVersion, createNotes(findings))
  const key = noted(findings, 'key', () => readKey(env))
  const brokers = options.broker.flatMap(
    (url) => noted(findings, 'broker', () => readBrokerUrls([url], options)) ?? [],
  )
  await examine({ brokers, key, sessions, chromes, now: systemClock.now }, findings)
  stdout.write(options.json ? asJson(findings) : asLines(findings))
  endWith(isWell(findings) ? 0 : 1)
}

const oldestNode = 24

function lookAtNode(version: string, notes: Notes): void {
  if (Number.parseInt(version, 10) >= oldestNode) notes.ok('node', version)
  else notes.fail('node', `${version} is too old: install Node ${oldestNode} or newer`)
}

/** A mistake in what was given is a finding: the other looks go on. */
function noted<T>(findings: Finding[], look: string, read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof UserMistake)) throw error
    createNotes(findings).fail(look, error.message)
    return undefined
  }
}

const isWell = (findings: readonly Finding[]) => findings.every(({ level }) => level !== 'fail')

const marks: Record<Level, string> = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' }

function asLines(findings: readonly Finding[]): string {
  const lines = findings.map(({ level, about, look, says }) => `${marks[level]}  ${about ?? look}: ${says}`)
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length
  const sum = `${count('fail')} to put right, ${count('warn')} to look at, ${count('ok')} well`
  return [...lines, sum].map((line) => `${line}\n`).join('')
}

function asJson(findings: readonly Finding[]): string {
  return `${JSON.stringify({ ok: isWell(findings), findings }, undefined, 2)}\n`
}
