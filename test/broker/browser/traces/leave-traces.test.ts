import t, { type Test } from 'tap'
import type { LoginTraces } from '../../../../apps/broker/src/session/ports/login-traces.ts'
import { type Attempt, openSignIn, type Page, plain, startPage } from '../visit-page.ts'

// What a sign-in that fails leaves, in a real Chromium.
const { logIn } = await openSignIn(t)
const secret = 'wrong-7Qx'

/** Signs in, which has to fail, and gives what was left. */
async function leftBy(t: Test, page: Page, attempt: Attempt = {}) {
  const visit = await startPage(t, page)
  const left: LoginTraces[] = []
  const failure = await logIn(visit, {
    password: secret,
    ...attempt,
    leaveTraces: (traces) => left.push(traces),
  }).catch((error: unknown) => error)
  return { ...visit, left, last: left.at(-1), failure }
}

/** The end of a sign-in's time, whenever that is. */
function untilItIsOver() {
  const over = new AbortController()
  let endedAtMs = 0
  const end = () => {
    endedAtMs = performance.now()
    over.abort(new Error('over'))
  }
  return { signal: over.signal, end, sinceMs: () => performance.now() - endedAtMs }
}

const isPng = (picture: Uint8Array | undefined) =>
  Buffer.from(picture ?? [])
    .subarray(1, 4)
    .toString() === 'PNG'

t.test('its trail, the page where it ended, and a picture of it', async (t) => {
  const { origin, last, failure } = await leftBy(t, {
    form: plain,
    onPost: (_, response) =>
      response.end(`<title>x</title><p>Wrong: alice, ${secret}. Try again!</p>${plain}`),
  })
  t.match(failure, { code: 'login_bad_credentials' })
  t.match(last, { url: `${origin}/login`, browser: /^Chromium \d/ })
  t.match(last?.text, 'Wrong: •••, •••. Try again!')
  t.match(last?.steps.at(-1), { what: 'said', text: /Wrong: •••, •••/ })
  t.ok(isPng(last?.picture))
  t.equal(last?.clean('It is alice'), 'It is •••')
})

t.test('what the site has granted stands in none of it', async (t) => {
  const { last } = await leftBy(t, {
    form: plain,
    onPost: (_, response) =>
      response
        .setHeader('set-cookie', 'sid=granted-77; Path=/')
        .end(`<p>Your number is granted-77, your key letter-by-letter-1. Wrong password.</p>
          <script>localStorage.state = JSON.stringify({ user: { key: 'letter-by-letter-1' } })</script>${plain}`),
  })
  t.match(last?.text, 'Your number is •••, your key •••. Wrong password.')
  t.notMatch(JSON.stringify(last?.steps), /granted-77|letter-by/)
})

t.test('of a sign-in whose time is over too, before its context closes', async (t) => {
  const { signal, end, sinceMs } = untilItIsOver()
  const { last, failure } = await leftBy(t, { form: plain, onPost: end }, { signal })
  t.match(failure, { code: 'login_timeout_after_submit' })
  t.ok(isPng(last?.picture))
  t.match(last?.steps.at(-1), { what: 'did', text: 'pressed button "Sign in"' })
  t.ok(sinceMs() < 3_000, `it took ${sinceMs()} ms more`)
})

t.test('of one whose state does not pass its check', async (t) => {
  const { origin, last } = await leftBy(
    t,
    { form: plain },
    { password: 'right-7Qx', prove: () => Promise.reject(new Error('it is not signed in')) },
  )
  t.match(last, { url: `${origin}/home`, text: 'Hello' })
  t.ok(isPng(last?.picture))
})

t.test('of a page that hangs, its trail is left, in time', async (t) => {
  const { signal, end, sinceMs } = untilItIsOver()
  const { left, failure } = await leftBy(
    t,
    {
      form: plain,
      onPost(_, response) {
        response.end('<h1>One moment</h1><script>for (;;);</script>')
        setTimeout(end, 1_000)
      },
    },
    { signal },
  )
  t.ok(failure instanceof Error)
  t.equal(left.length, 1)
  t.notOk(left[0]?.picture)
  t.match(left[0]?.steps.at(-1), { text: 'pressed button "Sign in"' })
  t.ok(sinceMs() < 3_500, `it took ${sinceMs()} ms more`)
})

t.test('once its time is over, the page sends nothing any more', async (t) => {
  let late = 0
  const over = new AbortController()
  await leftBy(
    t,
    {
      form: `${plain}<script>setInterval(() => fetch('/beat').catch(() => 0), 20)</script>`,
      pages: {
        get '/beat'() {
          if (over.signal.aborted) late += 1
          return ''
        },
      },
      onPost: () => setTimeout(() => over.abort(new Error('over')), 500),
    },
    { signal: over.signal },
  )
  t.ok(late < 10, `${late} requests, of some eighty in the time for a look back`)
})

t.test(
  'where the site has granted too much to look for, nothing that it wrote is left, and no picture',
  async (t) => {
    const keys = `Array.from({ length: 2_000 }, (_, at) => 'key-to-this-and-that-' + (1_000 + at)).join()`
    for (const stored of [keys, `'.'.repeat(100_000) + ' key-to-this-and-that-1999'`]) {
      const { last } = await leftBy(t, {
        form: plain,
        onPost: (_, response) =>
          response.end(`<p>Your key is key-to-this-and-that-1999. Wrong password.</p>
          <script>localStorage.keys = ${stored}</script>${plain}`),
      })
      t.match(last, { url: /login$/, steps: [{ what: 'read' }] })
      t.equal(last?.text, undefined)
      t.equal(last?.picture, undefined)
      t.notMatch(JSON.stringify(last?.steps), 'key-to')
    }
  },
)
