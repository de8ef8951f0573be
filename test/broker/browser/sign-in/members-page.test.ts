import t from 'tap'
import { openSignIn, plain, startPage } from '../visit-page.ts'

// A page on which somebody is signed in already: what it asks is the account's own affair.

const { logIn } = await openSignIn(t)

const navigation = Array.from({ length: 14 }, (_, at) => `<a href="/part-${at}">Part ${at}</a>`).join(' ')

/** Pressed or sent, each of these would be an act in the account. */
const affairs: Record<string, string> = {
  'an order to approve':
    '<h2>Authorized orders</h2><p>Consent settings</p><form method="post" action="/orders"><button>Approve</button></form>',
  'things for later': '<a href="/later">Save for later</a> <a href="/skip">Skip to main content</a>',
  'ways to get a code': '<a href="/messages">SMS</a> <a href="/authenticator">Authenticator app</a>',
  'an article to look up':
    '<form method="post" action="/articles"><label>Article code <input name="code"></label><button>Next</button></form>',
  'somebody to invite':
    '<form method="post" action="/invite"><label>E-mail <input type="email" name="email"></label><button>Next</button></form>',
  'terms to tick':
    '<form method="post" action="/terms"><label><input type="checkbox"> I accept the terms of delivery</label><button>Continue</button></form>',
}

for (const [what, html] of Object.entries(affairs)) {
  t.test(what, async (t) => {
    const home = `<title>Home</title><nav>${navigation} <a href="/out">Sign out</a></nav>${html}`
    const visit = await startPage(t, { form: plain, pages: { '/home': home } })
    const { landedUrl } = await logIn(visit, { code: async () => '123456' })
    t.equal(landedUrl, `${visit.origin}/home`, 'it stays where it is')
    t.equal(visit.posts.length, 1, 'nothing is sent but the sign-in')
  })
}

t.test('a code that is plainly one is given there, too', async (t) => {
  const second = `<nav>${navigation} <a href="/out">Sign out</a></nav><form method="post" action="/code">
    <label>Code <input name="otp" autocomplete="one-time-code"></label><button>Verify</button></form>`
  const visit = await startPage(t, {
    form: plain,
    pages: { '/second': second },
    onPost: (body, response) =>
      body.includes('otp=')
        ? response.writeHead(303, { location: '/home' }).end()
        : response.writeHead(303, { location: '/second' }).end(),
  })
  const { landedUrl } = await logIn(visit, { code: async () => '123456' })
  t.equal(landedUrl, `${visit.origin}/home`)
  t.match(visit.posts[1], /otp=123456/)
})
