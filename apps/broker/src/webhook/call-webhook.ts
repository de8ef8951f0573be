import { randomUUID } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import type { ChallengeNotice, ChallengeNotifier } from '../session/ports/challenge-notifier.ts'
import type { Clock } from '../session/ports/clock.ts'
import type { Log } from '../session/ports/log.ts'

export interface WebhookOptions {
  url: string
  /** Looked up at each call. */
  secret: () => Promise<string>
  clock: Clock
  log: Log
}

const answerMs = 10_000
const pausesMs = [1_000, 5_000, 20_000]

/**
 * Calls a webhook by the Standard Webhooks specification: a JSON body, signed with HMAC-SHA256 in `webhook-signature`, with one
 * `webhook-id` through all tries. Any 2xx is an answer; redirects are none.
 */
export function createWebhook({ url, secret, clock, log }: WebhookOptions): ChallengeNotifier {
  async function send(body: string, id: string): Promise<number> {
    const at = new Date(clock.now())
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'session-broker',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': signerOf(await secret()).sign(id, at, body),
      },
      body,
      signal: AbortSignal.timeout(answerMs),
    })
    await answer.body?.cancel()
    return answer.status
  }

  return async function notify(notice, signal) {
    const id = `msg_${randomUUID()}`
    const { session } = notice
    const body = JSON.stringify(bodyOf(notice, clock.now()))
    let failure: unknown
    for (const pauseMs of [0, ...pausesMs]) {
      await clock.wait(pauseMs, signal)
      // What has ended is still told, once.
      if (signal.aborted && pauseMs > 0) break
      try {
        const status = await send(body, id)
        if (status >= 200 && status < 300) return
        failure = new Error(`it answered ${status}`)
      } catch (error) {
        failure = error
      }
    }
    log.warn({ session, error: failure }, 'the webhook could not be called')
  }
}

/** `whsec_` and base64, as many receivers hand it out, or any text. */
function signerOf(secret: string): Webhook {
  return new Webhook(secret, secret.startsWith('whsec_') ? {} : { format: 'raw' })
}

function bodyOf({ event, session, id, kind, expiresAtMs, outcome }: ChallengeNotice, nowMs: number): object {
  return {
    type: `challenge.${event}`,
    timestamp: new Date(nowMs).toISOString(),
    data: {
      ...{ session, id, kind },
      expiresAt: new Date(expiresAtMs).toISOString(),
      ...(outcome && { outcome }),
    },
  }
}
