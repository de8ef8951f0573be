import t from 'tap'
import { createTotp } from '../../../apps/broker/src/one-time-code/totp.ts'

// RFC 6238, Appendix B: the secret "12345678901234567890" in base32; of the eight digits there the last six.
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

function clockAt(seconds: number) {
  let nowMs = seconds * 1000
  return {
    now: () => nowMs,
    wait: async (ms: number) => {
      nowMs += ms
    },
  }
}

t.test('the codes are those of the RFC', async (t) => {
  for (const [seconds, code] of [
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
  ] as const) {
    t.equal(await createTotp(clockAt(seconds))({ secret, account: 'a' }), code)
  }
  const spaced = 'gezd gnbv gy3t qojq gezd gnbv gy3t qojq'
  t.equal(await createTotp(clockAt(1_234_567_890))({ secret: spaced, account: 'a' }), '005924')
})

t.test('no code is given twice to one account, and none that is nearly over', async (t) => {
  const clock = clockAt(1_234_567_890)
  const code = createTotp(clock)
  const first = await code({ secret, account: 'a' })
  t.equal(await code({ secret, account: 'b' }), first, 'another account has its own')
  t.not(await code({ secret, account: 'a' }), first)
  t.ok(clock.now() > 1_234_567_890_000)
  const late = clockAt(1_234_567_918)
  await createTotp(late)({ secret, account: 'a' })
  t.ok(late.now() >= 1_234_567_920_000, 'it waited for the next one')
})

t.test('what is no base32 is a mistake of the configuration, and is not repeated', async (t) => {
  const wrong = createTotp(clockAt(1_234_567_890))({ secret: 'not base32!', account: 'a' })
  await t.rejects(wrong, { code: 'login_misconfigured', message: /^(?!.*not base32!).*wants base32/ })
})
