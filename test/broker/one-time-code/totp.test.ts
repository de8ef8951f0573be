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

const anew = async () => true
const { signal } = new AbortController()

t.test('the codes are those of the RFC', async (t) => {
  for (const [seconds, code] of [
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
  ] as const) {
    t.equal(await createTotp(clockAt(seconds))({ secret, claim: anew, signal }), code)
  }
  const spaced = 'gezd gnbv gy3t qojq gezd gnbv gy3t qojq'
  t.equal(await createTotp(clockAt(1_234_567_890))({ secret: spaced, claim: anew, signal }), '005924')
})

t.test('a code that was claimed before is not given: it waits for the next one', async (t) => {
  const claimed: number[] = []
  const claim = async (window: number) => {
    claimed.push(window)
    return claimed.length > 1
  }
  const clock = clockAt(1_234_567_890)
  t.equal(
    await createTotp(clock)({ secret, claim, signal }),
    await createTotp(clock)({ secret, claim: anew, signal }),
  )
  t.same(claimed, [41_152_263, 41_152_264])
  t.ok(clock.now() > 1_234_567_920_000)
})

t.test('a code that is nearly over is not given', async (t) => {
  const late = clockAt(1_234_567_918)
  await createTotp(late)({ secret, claim: anew, signal })
  t.ok(late.now() >= 1_234_567_920_000, 'it waited for the next one')
})

t.test('what is no base32 is a mistake of the configuration, and is not repeated', async (t) => {
  const wrong = createTotp(clockAt(1_234_567_890))({ secret: 'not base32!', claim: anew, signal })
  await t.rejects(wrong, { code: 'login_misconfigured', message: /^(?!.*not base32!).*wants base32/ })
})

t.test('a login that has ended waits for no code, and takes none out of use', async (t) => {
  const ended = new AbortController()
  const clock = clockAt(1_234_567_890)
  const claimed: number[] = []
  const claim = async (window: number) => {
    claimed.push(window)
    ended.abort(new Error('it is over'))
    return false
  }
  await t.rejects(createTotp(clock)({ secret, claim, signal: ended.signal }), /it is over/)
  t.equal(claimed.length, 1)
})
