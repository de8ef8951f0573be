import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type RunningProcess, startProcess } from '@session-broker/stage/process'
import type { Guard } from '../broker/remove-guard.ts'
import { type BrokerLife, machineMs } from '../history/history.ts'

const program = fileURLToPath(new URL('../broker/broker-program.ts', import.meta.url))
const restartMs = 200

export interface ReplicaOptions {
  /** `b1`; its config is `b1.yaml` in the folder. */
  place: string
  url: string
  folder: string
  env: Record<string, string>
  without?: Guard | undefined
}

/** One place of a broker: when its process ends, another one starts, as under systemd. */
export interface Replica {
  place: string
  url: string
  /** Which process it is now: `b1.1`, then `b1.2`. */
  broker(): string
  /** Every process so far. */
  lives: readonly BrokerLife[]
  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void
  close(): Promise<void>
}

/** @throws when the first process says nothing. */
export async function startReplica({ place, url, folder, env, without }: ReplicaOptions): Promise<Replica> {
  const lives: BrokerLife[] = []
  const closing = new AbortController()
  let running: RunningProcess | undefined

  async function start(): Promise<RunningProcess> {
    const broker = `${place}.${lives.length + 1}`
    lives.push({ broker, startedAtMs: machineMs() })
    return startProcess({
      name: `the broker ${broker}`,
      command: process.execPath,
      args: ['--conditions=@session-broker/source', program],
      env: {
        ...env,
        CHAOS_FOLDER: folder,
        CHAOS_BROKER: broker,
        ...(without && { CHAOS_WITHOUT: without }),
      },
    })
  }

  async function keepRunning(first: RunningProcess): Promise<void> {
    for (let now = first; ; now = await start()) {
      running = now
      if (closing.signal.aborted) await now.end()
      await now.exited
      if (closing.signal.aborted) return
      await delay(restartMs)
    }
  }

  const first = await start()
  try {
    await first.firstLine
  } catch (error) {
    await first.end()
    throw error
  }
  const kept = keepRunning(first)
  return {
    place,
    url,
    lives,
    broker: () => lives.at(-1)?.broker ?? '',
    signal: (name) => running?.signal(name),
    async close() {
      closing.abort()
      await running?.end(5_000)
      await kept
    },
  }
}
