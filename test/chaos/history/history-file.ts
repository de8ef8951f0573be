import { openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { machineMs, type StoreCall, type StoreStep } from './history.ts'

type Place = Pick<StoreCall, 'session' | 'account'>

/** Written at once and whole, so that kill -9 loses nothing that the broker had gone on from. */
export interface HistoryWriter {
  /** @returns what notes the answer. */
  asked(place: Place, step: StoreStep): (answer: unknown) => void
  /** A secret is sent now. */
  pressed(place: Place): void
}

interface Line {
  id: number
  atMs: number
  call?: Place & StoreStep
  answer?: unknown
}

const ending = '.history.jsonl'

export function openHistoryFile(folder: string, broker: string): HistoryWriter {
  const file = openSync(join(folder, broker + ending), 'a')
  const write = (line: Line) => writeSync(file, `${JSON.stringify(line)}\n`)
  const permits = new Map<string, number>()
  let id = 0
  return {
    asked({ session, account }, step) {
      const mine = ++id
      if (step.name === 'permit') permits.set(session, step.fence)
      write({ id: mine, atMs: machineMs(), call: { session, account, ...step } })
      return (answer) => write({ id: mine, atMs: machineMs(), answer })
    },
    pressed({ session, account }) {
      const fence = permits.get(session) ?? 0
      write({ id: ++id, atMs: machineMs(), call: { session, account, name: 'press', fence } })
    },
  }
}

/** What all brokers have written, in the order in which it was asked. */
export function readHistoryFiles(folder: string): StoreCall[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(ending))
  const calls = files.flatMap((name) => readCalls(join(folder, name), name.slice(0, -ending.length)))
  return calls.sort((a, b) => a.askedAtMs - b.askedAtMs)
}

function readCalls(path: string, broker: string): StoreCall[] {
  const calls = new Map<number, StoreCall>()
  // What follows the last line break was cut off by kill -9.
  for (const text of readFileSync(path, 'utf8').split('\n').slice(0, -1)) {
    const { id, atMs, call, answer } = JSON.parse(text) as Line
    const known = calls.get(id)
    if (call) calls.set(id, { broker, askedAtMs: atMs, ...call })
    else if (known) Object.assign(known, { answeredAtMs: atMs, answer })
  }
  return [...calls.values()]
}
