import type { Output } from '@session-broker/program/command-line'
import type { WorkerOptions } from '../app/start-worker.ts'

/** Everything that the commands know of the process around them, and what they set going. */
export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>
  version: string
  nodeVersion: string
  stdout: Output
  stderr: Output
  startWorker(options: WorkerOptions): Promise<void>
  /** Where all goes well, the process ends with this code. */
  endWith(exitCode: number): void
}
