import { sealingKey } from '../../../apps/broker/src/seal/sealing-key.ts'
import type { SealableState } from '../../../apps/broker/src/session/ports/state-sealer.ts'

/** A secret that must not be readable wherever the state lies. */
export const canary = 'canary-Z9xQ2-never-in-clear'
export const canaryKey = sealingKey(Buffer.alloc(32, 7))

export const canaryState: SealableState = {
  state: {
    userAgent: `Chrome ${canary}`,
    cookies: [
      {
        name: 'sid',
        value: canary,
        domain: 'shop.example',
        path: '/',
        expires: -1,
        httpOnly: true,
        secure: true,
      },
    ],
    origins: [{ origin: 'https://shop.example', localStorage: [{ name: 'token', value: canary }] }],
  },
  check: { url: 'https://shop.example/account', expect: { text: canary }, in: 'http' },
}
