import { systemClock } from '@session-broker/program/clock'
import { type Check, cookieHeader, type IssuedSession, judge, type Verdict } from '@session-broker/shared'
import { request } from 'undici'
import type { Applied, AttachedChrome, ChromePort } from '../../../apps/worker/src/session/ports/chrome.ts'
import type { Chance } from '../../chaos/chance.ts'

/** What a Chrome takes for a state of a few cookies. */
const applyMs = [20, 60] as const

export interface StandInOptions {
  workerId: string
  chance: Chance
  onApplied(state: IssuedSession, applyMs: number): void
}

/**
 * A Chrome that is none: it takes as long as one does to put a state in, keeps it, and shows its cookies to the site when it is
 * looked whether it is signed in. It never goes away.
 */
export function createStandInChrome({ workerId, chance, onApplied }: StandInOptions): ChromePort {
  let held: IssuedSession | undefined
  const chrome: AttachedChrome = {
    product: 'StandIn/1',
    gone: new AbortController().signal,
    lead: async () => ({
      confirm: async () => undefined,
      claim: async () => ({}),
      leave: async () => undefined,
    }),
    async apply({ state, beforeSwap, signal }): Promise<Applied> {
      const startedAtMs = performance.now()
      await systemClock.wait(chance.between(...applyMs), signal)
      signal.throwIfAborted()
      await beforeSwap()
      held = state
      const tookMs = performance.now() - startedAtMs
      onApplied(state, tookMs)
      return { outcome: 'applied', applyMs: tookMs, userAgentDiffers: false }
    },
    look: (check, signal) => lookByHttp(check, held, signal),
    heldCookies: async ({ cookies }) => ({ cookies, changed: [] }),
    detach: async () => undefined,
  }
  return { address: 'stand-in', workerId, connect: async () => chrome }
}

async function lookByHttp(
  { url, expect }: Check,
  held: IssuedSession | undefined,
  signal: AbortSignal,
): Promise<Verdict> {
  const cookie = cookieHeader(held?.cookies ?? [], new URL(url), Date.now() / 1000)
  const { statusCode: status, body } = await request(url, { headers: { cookie }, signal })
  return judge(expect, { status, finalUrl: url, body: await body.text() })
}
