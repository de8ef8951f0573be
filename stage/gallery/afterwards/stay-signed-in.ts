import { cookieOf, giveCookie, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (title: string, inner: string) =>
  `<!doctype html><html lang="en"><head><title>${title}</title></head><body><div class="inner" style="width:440px;margin:auto"><div role="heading">${title}</div>${inner}</div></body></html>`
const form = (error = '') =>
  frame(
    'Sign in to Officium',
    `<form method="post" action="/login"><input name="login" type="email" aria-label="Work or school account"><input name="passwd" type="password" aria-label="Password"><div id="err">${error}</div><button>Sign in</button></form>`,
  )
const kmsi = frame(
  'Stay signed in?',
  `<form method="post" action="/kmsi"><p>Do this to reduce the number of times you are asked to sign in.</p><label><input type="checkbox" name="DontShowAgain" value="true"> Don't show this again</label><p><input type="submit" name="no" value="No"> <input type="submit" name="yes" value="Yes"></p></form>`,
)

export const staySignedIn: DoorPlan = {
  name: 'stay-signed-in',
  shape: '“Stay signed in?” with Yes and No after the password',
  language: 'en',
  username: 'finn@officium.example',
  loginPath: '/login',
  signedIn: { path: '/apps', text: 'Welcome back, Finn' },
  says: {
    wrong: 'Your account or password is incorrect.',
    locked: "You've tried to sign in too many times with an incorrect account or password.",
  },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/login', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, form())
    })
    app.post<Posted>('/login', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.login, body.passwd)
      if (verdict === 'right') return show(giveCookie(reply, 'buid', desk.keep('finn')), kmsi)
      return show(reply, form(desk.says(verdict)))
    })
    app.post<Posted>('/kmsi', (request, reply) => {
      const isHere = desk.take(cookieOf(request, 'buid')) === 'finn'
      return isHere
        ? letIn(reply, desk, 'ESTSAUTHPERSISTENT').redirect('/apps', 302)
        : reply.redirect('/login')
    })
    membersPage(app, desk, {
      path: '/apps',
      login: '/login',
      html: '<title>Apps</title><h1>Welcome back, Finn</h1><a href="/logout">Sign out</a>',
    })
    logout(app, desk, '/logout', '/login')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByLabel('account').fill(username)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
    },
    async afterwards(page) {
      await page.getByRole('button', { name: 'Yes' }).click()
    },
  },
}
