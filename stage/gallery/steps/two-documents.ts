import { escapeHtml, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (
  title: string,
  inner: string,
) => `<!doctype html><html lang="en"><head><title>${title}</title><style>
#card{width:400px;margin:8vh auto;padding:40px;border:1px solid #dadce0;border-radius:8px;font-family:Roboto,Arial}.err{color:#d93025;font-size:12px}</style></head><body><div id="card"><h1>${title}</h1>${inner}</div></body></html>`
const first = (name = '', error = '') =>
  frame(
    'Sign in',
    `<form action="/ServiceLogin" method="post"><input type="email" name="identifier" id="identifierId" aria-label="Email or phone" value="${escapeHtml(name)}"><div class="err">${error}</div>
<a href="/recover">Forgot email?</a><p>Not your computer? Use a private window.</p><a href="/create">Create account</a> <button id="next">Next</button></form>`,
  )
const second = (flow: string, error = '') =>
  frame(
    'Welcome',
    `<p>nora@grove.example</p><form action="/challenge/pwd" method="post"><input type="hidden" name="flow" value="${flow}"><label for="pw">Enter your password</label><input type="password" id="pw" name="Passwd"><div class="err">${error}</div><a href="/recover">Forgot password?</a> <button id="next">Next</button></form>`,
  )

export const twoDocuments: DoorPlan = {
  name: 'two-documents',
  shape: 'the identifier on one document, the password on the next; both buttons say “Next”',
  language: 'en',
  username: 'nora@grove.example',
  loginPath: '/ServiceLogin',
  signedIn: { path: '/mail', text: 'Inbox (4)' },
  says: {
    wrong: 'Wrong password. Try again or click Forgot password to reset it.',
    locked: 'This account has been disabled.',
    captcha: 'Type the text you hear or see',
  },
  moods: ['locked', 'captcha'],
  serve(app, desk) {
    app.get('/ServiceLogin', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, first())
    })
    app.post<Posted>('/ServiceLogin', ({ body }, reply) => {
      if (!desk.hasName(body.identifier))
        return show(reply, first(body.identifier, "Couldn't find your account"))
      if (desk.mood() !== 'captcha') return show(reply, second(desk.keep('nora')))
      desk.count('captchasShown')
      return show(
        reply,
        frame(
          'Sign in',
          `<form action="/ServiceLogin" method="post"><input name="identifier" value="${desk.username}" readonly><img alt="CAPTCHA image" width="200" height="70" src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><label>${desk.says('captcha')} <input name="ca"></label><button>Next</button></form>`,
        ),
      )
    })
    app.post<Posted>('/challenge/pwd', ({ body }, reply) => {
      const name = desk.kept(body.flow) && desk.username
      const verdict = desk.tryPassword(name, body.Passwd)
      if (verdict === 'right') return letIn(reply, desk, 'SID').redirect('/mail', 302)
      return show(reply, second(body.flow ?? '', desk.says(verdict)))
    })
    membersPage(app, desk, {
      path: '/mail',
      login: '/ServiceLogin',
      html: '<title>Grove Mail</title><b>Inbox (4)</b> <a href="/Logout">Sign out</a>',
    })
    logout(app, desk, '/Logout', '/ServiceLogin')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('#identifierId', username)
      await page.click('#next')
      await page.fill('#pw', password)
      await page.click('#next')
    },
  },
}
