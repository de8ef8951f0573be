import { cookieOf, giveCookie, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (title: string, inner: string) =>
  `<!doctype html><html lang="en"><head><title>${title}</title></head><body><h2>${title}</h2>${inner}</body></html>`
const form = (error = '') =>
  frame(
    'Remote Access Gateway',
    `<form action="/vpn/login" method="post"><table><tr><td>User name:</td><td><input name="Enter user name" id="u"></td></tr><tr><td>Password:</td><td><input type="password" name="passwd" id="p"></td></tr></table><p class="err">${error}</p><input type="submit" value="Log On"></form>`,
  )
const nag = frame(
  'Your password will expire in 3 days',
  `<form action="/vpn/change" method="post"><p>Old password <input type="password" name="old"></p><p>New password <input type="password" name="new1"></p><p>Confirm new password <input type="password" name="new2"></p><button>Change password</button></form><form action="/vpn/later" method="post"><input type="hidden" name="later" value="1"><button>Remind me later</button></form>`,
)

export const passwordExpiring: DoorPlan = {
  name: 'password-expiring',
  shape: 'asks to change the password soon, with a form of three passwords; “remind me later” goes on',
  language: 'en',
  username: 'CORP\\hsmith',
  loginPath: '/vpn/index.html',
  signedIn: { path: '/vpn/portal', text: 'Applications for CORP\\hsmith' },
  says: {
    wrong: 'Incorrect credentials. Try again.',
    locked: 'Your account is locked out. Call the service desk.',
  },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/vpn/index.html', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, form())
    })
    app.post<Posted>('/vpn/login', ({ body }, reply) => {
      const verdict = desk.tryPassword(body['Enter user name'], body.passwd)
      if (verdict === 'right') return show(giveCookie(reply, 'NSC_TMAA', desk.keep('nag')), nag)
      return show(reply, form(desk.says(verdict)))
    })
    app.post<Posted>('/vpn/change', (_request, reply) => {
      desk.count('passwordChanges')
      return show(reply, frame('Your password has been changed', ''))
    })
    app.post<Posted>('/vpn/later', (request, reply) =>
      desk.take(cookieOf(request, 'NSC_TMAA')) === 'nag'
        ? letIn(reply, desk, 'NSC_AAAC').redirect('/vpn/portal', 302)
        : show(reply, form()),
    )
    membersPage(app, desk, {
      path: '/vpn/portal',
      login: '/vpn/index.html',
      html: frame('Portal', 'Applications for CORP\\hsmith <a href="/vpn/logoff">Log Off</a>'),
    })
    logout(app, desk, '/vpn/logoff', '/vpn/index.html')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('#u', username)
      await page.fill('#p', password)
      await page.click('[value="Log On"]')
    },
    async afterwards(page) {
      await page.getByText('Remind me later').click()
    },
  },
}
