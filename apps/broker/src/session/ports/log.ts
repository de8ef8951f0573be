/** The fields that may be logged. A list of what may stand there, since a list of what may not leaks. */
export interface LogFields {
  session?: string
  generation?: number
  revision?: number
  operationId?: string
  outcome?: string
  code?: string
  reason?: string
  durationMs?: number
  key?: string
  method?: string
  /** The pattern, never the URL: that may carry names and values. */
  route?: string
  status?: number
  /** Where the evidence of a failed login lies, in the data folder. */
  evidence?: string
  error?: unknown
}

export interface Log {
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  /** What an operator did: written whatever the level, with `audit: true`. */
  audit(fields: LogFields, message: string): void
}
