import type { Redis, RedisCommander } from 'ioredis'

/** What store and locks ask of Redis, be it one server or a cluster. */
export type RedisCommands = Pick<
  RedisCommander,
  'get' | 'set' | 'hset' | 'hvals' | 'hdel' | 'pexpire' | 'eval' | 'evalsha'
> & {
  defineCommand(name: string, script: { numberOfKeys: number; lua: string }): void
}

/** One server that takes writes. */
export interface Master {
  /** Fit to be shown. */
  address: string
  client: Pick<RedisCommander, 'config' | 'info'>
}

interface Connection {
  /** Fit to be shown: without user and password. */
  address: string
  /** Resolves once it is connected. @throws ProblemError `store_unavailable`: refused, or not within the time. */
  connected(withinMs: number): Promise<void>
  close(): Promise<void>
}

export interface RedisConnection extends Connection {
  client: RedisCommands
  /** After this a command counts as not answered; it may still land. */
  commandTimeoutMs: number
  /** Rejects where Redis does not answer, or its cluster is down. */
  ping(): Promise<void>
  /** The masters of a cluster; otherwise the one server. */
  masters(): Master[]
  /** For messages, on a connection of its own; whoever opens it closes it. */
  openSubscriber(): RedisSubscriber
}

export interface RedisSubscriber extends Connection {
  /** Reconnects by itself, and is then subscribed to nothing: whoever listens has to know when it is again. */
  client: Pick<Redis, 'status' | 'on' | 'off' | 'subscribe' | 'disconnect'>
  /** Rejects where no messages would come any more, though the connection seems to stand. */
  beat(): Promise<void>
  /** Messages may have been lost though the connection stood all the time. */
  onGap(listener: () => void): () => void
}
