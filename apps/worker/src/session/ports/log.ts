/** The fields that may be logged. A list of what may stand there, since a list of what may not leaks. */
export interface LogFields {
  session?: string
  generation?: number
  revision?: number
  outcome?: string
  /** The broker's problem code. */
  code?: string
  reason?: string
  durationMs?: number
  applyMs?: number
  /** Product and version, or the address where none answers. */
  chrome?: string
  /** Origin. */
  broker?: string
  worker?: string
  /** Where this worker tells how it stands. */
  address?: string
  error?: unknown
}

/** The worker's story, a line each; programs may read the messages: they stay as they are. */
export interface Log {
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}
