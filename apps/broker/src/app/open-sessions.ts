import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '@session-broker/program/clock'
import type { SignInOptions } from '../browser/sign-in/sign-in.ts'
import type { BrokerConfig } from '../config/load-config.ts'
import { createSecretResolver, type SecretResolver } from '../config/resolve-secret.ts'
import { openEvidence } from '../evidence/keep-evidence.ts'
import type { HostPort } from '../exit/target-rules.ts'
import { createTotp } from '../one-time-code/totp.ts'
import { loadSecretKey } from '../seal/load-secret-key.ts'
import { createNoteSealer } from '../seal/note-sealer.ts'
import { createStateSealer } from '../seal/state-sealer.ts'
import { createAskPerson } from '../session/challenge/ask-person.ts'
import { createRefresher } from '../session/join-refresh.ts'
import { createLoginSlots } from '../session/login-slots.ts'
import type { ChallengeNotifier } from '../session/ports/challenge-notifier.ts'
import type { Clock } from '../session/ports/clock.ts'
import type { Log } from '../session/ports/log.ts'
import { openSessionMirror } from '../session/session-mirror.ts'
import { watchStorePresence } from '../session/store-presence.ts'
import { createCheckTrial } from '../session/try-check.ts'
import { createWebhook } from '../webhook/call-webhook.ts'
import { defineSessions } from './define-sessions.ts'
import { openBackend } from './open-backend.ts'
import { openBrowser } from './open-browser.ts'

export interface SessionsOptions extends SignInOptions {
  config: BrokerConfig
  env: Readonly<Record<string, string | undefined>>
  log: Log
  /** Is told where the evidence of a failed login lies, in the data folder. */
  onEvidence?: (where: string) => void
}

/** The parts that stand for the world outside: what keeps the truth, and what goes to the sites. */
export interface BrokerParts {
  openBackend: typeof openBackend
  openBrowser: typeof openBrowser
}

export type OpenSessions = Awaited<ReturnType<typeof openSessions>>

/** How long a login that is under way may go on when the broker is told to stop. */
const finishMs = 15_000
/** How long it may take to give it up after that: to close its browser context, and to tell a store that may be away. */
const abandonMs = 4_000

/** The evidence of all sessions together. */
const mostEvidenceBytes = 50 * 1024 * 1024

/**
 * Opens all that logins need: secrets, browser, store, and the sessions with what is known of them.
 * @param opened gets what has to be closed again, also where this throws.
 */
export async function openSessions(
  { config, env, log, onEvidence, ...signInOptions }: SessionsOptions,
  opened: AsyncDisposableStack,
  parts: BrokerParts = { openBackend, openBrowser },
) {
  const clock = systemClock
  const resolveSecret = createSecretResolver({ env, baseFolder: config.folder })
  const secretKey = await loadSecretKey({
    value: config.secretKey === undefined ? undefined : await resolveSecret(config.secretKey),
    folder: config.data,
  })
  const definitions = await defineSessions(config, {
    ...{ resolveSecret, key: secretKey.key },
    currentCode: createTotp(clock),
  })
  /** Where the broker itself and its Redis servers are. */
  const own: HostPort[] = []
  const { siteLogin, siteLogOut, look, house } = await parts.openBrowser(config, {
    ...{ env, clock, log, own: () => own, ...signInOptions },
  })
  opened.defer(() => house.close())
  const { store, mutex, servers, close } = await parts.openBackend(config, { resolveSecret, log })
  opened.defer(close)
  own.push(...servers)
  const sealer = createStateSealer({ keys: [secretKey] })
  const notes = createNoteSealer({ keys: [secretKey] })
  const mirror = await openSessionMirror({ definitions, store, sealer, clock, log })
  opened.defer(() => mirror.close())
  const presence = watchStorePresence({ store, clock, log })
  opened.defer(() => presence.close())

  const notify = notifierOf(config, { resolveSecret, clock, log })
  const givingUp = new AbortController()
  const common = { store, sealer, mutex, mirror, look, clock, newMark, newOperationId }
  const { keep, maxAge: maxAgeMs } = config.evidence
  const limits = { keep, maxAgeMs, maxBytes: mostEvidenceBytes }
  const tidying = new AbortController()
  opened.defer(() => tidying.abort())
  const keepEvidence = await openEvidence({
    ...{ data: config.data, limits, clock, log, signal: tidying.signal },
    ...(onEvidence && { onKept: onEvidence }),
  })
  const refresher = createRefresher({
    ...{ ...common, presence, siteLogin, log },
    ...(keep > 0 && { keepEvidence }),
    slots: createLoginSlots(config.maxLogins),
    askPersonFor: (login) =>
      createAskPerson({ board: store, notes, notify, newChallengeId, clock, log }, login),
    stopping: givingUp.signal,
  })

  /** Lets the logins under way end by themselves for a while, then ends them. */
  async function finishLogins(withinMs = finishMs): Promise<void> {
    const untilNone = async () => {
      // A request that was let in just before may only now begin one.
      while (refresher.inFlight().length > 0) await Promise.allSettled(refresher.inFlight())
    }
    const landed = untilNone()
    await Promise.race([landed, clock.wait(withinMs, givingUp.signal)])
    givingUp.abort(new Error('the broker is stopping'))
    await Promise.race([landed, delay(abandonMs, undefined, { ref: false })])
  }

  return {
    ...common,
    tryCheck: createCheckTrial(look),
    notes,
    own,
    siteLogOut,
    house,
    presence,
    refresher,
    finishLogins,
  }
}

function newMark(): string {
  return randomBytes(4).toString('hex')
}

function newChallengeId(): string {
  return randomBytes(9).toString('base64url')
}

/** Without a webhook whoever looks at `GET /session` knows. */
function notifierOf(
  { webhook }: BrokerConfig,
  { resolveSecret, clock, log }: { resolveSecret: SecretResolver; clock: Clock; log: Log },
): ChallengeNotifier {
  if (!webhook) return () => Promise.resolve()
  return createWebhook({ url: webhook.url, secret: () => resolveSecret(webhook.secret), clock, log })
}

function newOperationId(session: string): string {
  return `${session}.${randomBytes(12).toString('base64url')}`
}
