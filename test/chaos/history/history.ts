/** All that is known of a run: what the brokers asked of their store, what clients were told, what the sites counted. */
export interface History {
  /** Every process that was a broker. */
  brokers: BrokerLife[]
  calls: StoreCall[]
  reads: Read[]
  refreshes: RefreshTold[]
  uses: Use[]
  sites: SiteCount[]
  /** When the last fault was mended, and the clients had gone. */
  healedAtMs: number
}

export interface BrokerLife {
  /** Its place and which process of it: `b2.3`. */
  broker: string
  startedAtMs: number
}

/** All times are of the machine's monotonic clock, which its processes share. Unanswered: it may have happened. */
interface Call {
  broker: string
  session: string
  account: string
  askedAtMs: number
  answeredAtMs?: number
}

export type StoreCall = Call & StoreStep

export type StoreStep =
  | { name: 'begin'; operationId: string; fromGeneration: number; answer?: number | string }
  | { name: 'permit'; fence: number; durationMs: number; answer?: string }
  | (Published & { name: 'commit'; fence: number; operationId: string; answer?: string })
  /** The button was pressed, with this login's permit. */
  | { name: 'press'; fence: number; answer?: undefined }
  | { name: 'fail'; fence: number; answered: boolean; answer?: string }
  | (Published & { name: 'revision'; answer?: boolean })

/** What was, or would have been, published. */
export interface Published {
  generation: number
  revision: number
  mark: string
  /** Names the state without telling it. */
  content: string
}

/** What a client was served; 304 repeats what the client had. */
export interface Read extends Published {
  broker: string
  session: string
  startedAtMs: number
  endedAtMs: number
  /** Of the last look at every broker, when all was healed. */
  isLast?: boolean
}

export interface RefreshTold {
  broker: string
  session: string
  startedAtMs: number
  endedAtMs: number
  /** The generation that the client saw fail. */
  seen: number
  generation: number
  revision: number
  outcome: 'newer' | 'alive' | 'renewed'
}

/** A client has shown the site a state of this generation; the site said the how-manieth sign-in it is of. */
export interface Use {
  session: string
  generation: number
  signIn: number
}

/** By the site's own counters. */
export interface SiteCount {
  account: string
  loginsStarted: number
  loginsSucceeded: number
  maxInFlight: number
  loginsPerDay: number
}

export const machineMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000
