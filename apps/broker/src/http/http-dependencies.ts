import type { ForgetOrder, Forgotten } from '../session/forget-session.ts'
import type { Refresher } from '../session/join-refresh.ts'
import type { ChallengeBoard } from '../session/ports/challenge-board.ts'
import type { Clock } from '../session/ports/clock.ts'
import type { Log } from '../session/ports/log.ts'
import type { NoteSealer } from '../session/ports/note-sealer.ts'
import type { SessionStore } from '../session/ports/session-store.ts'
import type { WorkerBoard } from '../session/ports/worker-board.ts'
import type { WriterBoard } from '../session/ports/writer-board.ts'
import type { Capture, PublishedCapture } from '../session/publish-capture.ts'
import type { SessionMirror } from '../session/session-mirror.ts'
import type { StorePresence } from '../session/store-presence.ts'
import type { WriteBack } from '../session/write-back.ts'
import type { ApiKey } from './access/api-key.ts'

/** What the HTTP surface speaks for. */
export interface HttpDependencies {
  mirror: SessionMirror
  refresher: Pick<Refresher, 'refresh' | 'inFlight'>
  store: Pick<SessionStore, 'readOperation' | 'resetLogins' | 'ping'>
  publishCapture(capture: Capture): Promise<PublishedCapture>
  writeBack(order: WriteBack): Promise<PublishedCapture>
  forgetSession(order: ForgetOrder): Promise<Forgotten>
  presence: Pick<StorePresence, 'awayForMs'>
  /** How long known states are served while the store does not answer. */
  serveStaleMs: number
  workers: WorkerBoard
  writers: WriterBoard
  challenges: { board: Pick<ChallengeBoard, 'readChallenge' | 'giveAnswer'>; notes: NoteSealer }
  clock: Clock
  log: Log
  /** Ends every wait and every event stream; from then on no refresh is begun. */
  stopping: AbortSignal
}

export interface HttpOptions {
  keys: readonly ApiKey[]
  /** Everybody may do everything: for one's own machine only. */
  insecureNoAuth: boolean
  /** Host names that the broker answers under; left out: the listen host, localhost and IP literals. */
  allowedHosts?: readonly string[]
  listenHost: string
  /** The broker's version, for the API description. */
  version: string
  /** PEM; left out: plain HTTP. */
  tls?: { cert: string; key: string }
}
