import type { ProtocolMapping } from 'devtools-protocol/types/protocol-mapping.js'

export type CdpCommands = ProtocolMapping.Commands
export type CdpEvents = ProtocolMapping.Events

export interface SendOptions {
  /** Left out: 10 s. A command that timed out may still have its effect. */
  timeoutMs?: number
  signal?: AbortSignal | undefined
}

/** CDP as one session sees it: the browser's own, or that of an attached target. */
export interface CdpSession {
  /** @throws CdpError `command_refused`, `command_timeout`, `chrome_gone`; the signal's reason */
  send<Method extends keyof CdpCommands>(
    method: Method,
    params?: CdpCommands[Method]['paramsType'][0],
    options?: SendOptions,
  ): Promise<CdpCommands[Method]['returnType']>
  /** @returns the way to stop listening */
  on<Event extends keyof CdpEvents>(event: Event, listener: (params: CdpEvents[Event][0]) => void): () => void
}
