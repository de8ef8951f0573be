import t from 'tap'
import { fewAtOnce } from '../few-at-once.ts'
import { type Attempt, openSignIn, type Page, password, plain, startPage } from '../visit-page.ts'

// What the pages of a sign-in that fails say and show, and the class that it is taken for, in a real Chromium.
t.setTimeout(300_000)
const { logIn, failureOf } = await openSignIn(t)

t.test('what the site answers becomes a class of failure', async (t) => {
  const spa = (answer: string) =>
    `<form onsubmit="event.preventDefault();setTimeout(()=>{msg.textContent='${answer}'},50)"><input name="u">${password}<button>Go</button><p id="msg"></p></form>`
  const saying = (text: string): Page => ({ form: plain, onPost: (_, response) => response.end(text) })
  const cases: [string, Page, Attempt, string][] = [
    ['the form again', { form: plain }, { password: 'wrong-7Qx' }, 'login_bad_credentials'],
    ['a message beside the form', { form: spa('Invalid username or password') }, {}, 'login_bad_credentials'],
    [
      'a lock said beside the form',
      { form: spa('Wrong password. Your account has been locked.') },
      {},
      'login_locked',
    ],
    [
      'a lock said with the form again',
      saying(`<p>Your account is disabled</p>${plain}`),
      {},
      'login_locked',
    ],
    [
      'a rejection said in place of the form',
      saying('<h1>Incorrect username or password</h1><a href="/login">Try again</a>'),
      {},
      'login_bad_credentials',
    ],
    ['a lock said in place of the form', saying('<h1>Ihr Konto wurde gesperrt</h1>'), {}, 'login_locked'],
    [
      'a lock explained beside a rejection',
      saying(`<p>Wrong password. Accounts are locked after 5 tries.</p>${plain}`),
      {},
      'login_bad_credentials',
    ],
    [
      'an error of its own',
      { form: plain, onPost: (_, response) => response.writeHead(500).end('Oops') },
      {},
      'login_unknown',
    ],
    [
      'an error of its own to a script',
      {
        form: `<form onsubmit="event.preventDefault();fetch('/login',{method:'POST',body:'p=x'}).then(()=>{msg.textContent='Sign-in failed'})"><input name="u">${password}<button>Go</button><p id="msg"></p></form>`,
        onPost: (_, response) => response.writeHead(500).end(),
      },
      {},
      'login_unknown',
    ],
    [
      'a rejection that a script shows late, over a form that it has locked meanwhile',
      {
        form: `<form onsubmit="event.preventDefault();for(const each of this.elements)each.disabled=true;setTimeout(()=>{for(const each of this.elements)each.disabled=false;msg.textContent='Wrong password'},2500)"><input name="u">${password}<button>Go</button><p id="msg"></p></form>`,
      },
      {},
      'login_bad_credentials',
    ],
    ['no form at all', { form: '<h1>Maintenance</h1>' }, {}, 'login_misconfigured'],
  ]
  await fewAtOnce(cases, async ([name, page, attempt, code]) => {
    const error = await failureOf(await startPage(t, page), attempt)
    t.equal(error?.code, code, name)
    t.notMatch(`${error?.message} ${error?.cause}`, /7Qx/, 'without what was typed')
  })
})

t.test('words of a lock that were there before, or stand in a full page, are no lock', async (t) => {
  const help = '<p>Account locked</p>'
  const before = await startPage(t, { form: help + plain })
  t.equal((await failureOf(before, { password: 'wrong-7Qx' }))?.code, 'login_bad_credentials')
  const desk = `<h1>Users</h1><p>Account locked</p>${'<p>alice was here, and wrote a line.</p>'.repeat(60)}`
  await t.resolves(logIn(await startPage(t, { form: plain, pages: { '/home': desk } })))
})

const frame = (src: string, style = 'width:300px;height:80px') =>
  `<iframe src="${src}" style="${style}"></iframe>`
const checkbox = frame('https://www.google.com/recaptcha/api2/anchor?k=x&size=normal')
const pixel = 'data:image/gif;base64,R0lGODlhAQABAAAAACw='
const picture = `<img src="${pixel}" id="captcha-image" width="160" height="50">`

t.test('a captcha is told, and nothing is sent behind one', async (t) => {
  const captchas: Record<string, string> = {
    'reCAPTCHA’s box': checkbox,
    'reCAPTCHA’s pictures': frame('https://www.recaptcha.net/recaptcha/enterprise/bframe?k=x'),
    hCaptcha: frame('https://newassets.hcaptcha.com/captcha/v1/1/static/hcaptcha.html#frame=checkbox&id=0'),
    'Turnstile, in a closed shadow root': `<div id="host"></div><script>
      host.attachShadow({mode:'closed'}).innerHTML = '${frame('https://challenges.cloudflare.com/cdn-cgi/x')}'</script>`,
    Arkose: frame('https://client-api.arkoselabs.com/fc/gc/?token=x'),
    'a picture of its own': picture,
    'a field of its own': '<input name="login_captcha">',
    'another’s frame': frame('https://geo.captcha-delivery.com/captcha/?cid=x'),
  }
  await fewAtOnce(Object.entries(captchas), async ([name, captcha]) => {
    let permits = 0
    const visit = await startPage(t, { form: plain + captcha })
    const attempt = { requestPermit: async () => void permits++ }
    t.equal((await failureOf(visit, attempt))?.code, 'login_captcha', name)
    t.equal(permits, 0, 'before it may count')
    t.same(visit.posts, [])
  })
  const alone = await startPage(t, { form: checkbox })
  t.equal((await failureOf(alone))?.code, 'login_captcha', 'in place of the form')
})

t.test('a captcha that comes after the form was sent', async (t) => {
  const answers: [string, string, string][] = [
    ['with the form again', picture + plain, 'login_captcha'],
    ['in place of the form', checkbox, 'login_captcha'],
    ['beside words that say no', `<p>Wrong password</p>${picture}${plain}`, 'login_bad_credentials'],
  ]
  await fewAtOnce(answers, async ([name, answer, code]) => {
    const visit = await startPage(t, { form: plain, onPost: (_, response) => response.end(answer) })
    t.equal((await failureOf(visit))?.code, code, name)
  })
})

t.test('what only looks like a captcha does not stop a login', async (t) => {
  const others: Record<string, string> = {
    'the badge of an invisible reCAPTCHA': frame(
      'https://www.google.com/recaptcha/api2/anchor?k=x&size=invisible',
    ),
    'an invisible hCaptcha': frame(
      'https://newassets.hcaptcha.com/captcha/v1/1/hcaptcha.html#frame=checkbox-invisible',
    ),
    'pictures that nobody has been asked for': frame(
      'https://www.google.com/recaptcha/api2/bframe?k=x',
      'visibility:hidden;width:400px;height:500px',
    ),
    'a trap for robots': '<input name="captcha" style="position:absolute;left:-9999px">',
    'a logo': `<img src="${pixel}" class="recaptcha-logo" width="64" height="64">`,
    'a Turnstile that has passed by itself': `<div>${frame('https://challenges.cloudflare.com/x')}
      <input type="hidden" name="cf-turnstile-response" value="passed"></div>`,
    'one that goes away': `<div id="gate">${checkbox}</div><script>setTimeout(() => gate.remove(), 500)</script>`,
  }
  await fewAtOnce(Object.entries(others), async ([name, other]) => {
    const visit = await startPage(t, { form: other + plain })
    await t.resolves(logIn(visit), name)
  })
})
