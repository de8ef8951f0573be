import { cookieOf, giveCookie, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (inner: string) =>
  `<!doctype html><html lang="en"><head><title>Sign in to Gitfarm · Gitfarm</title></head><body><main style="width:308px;margin:40px auto">${inner}</main></body></html>`
const form = (error = '') =>
  frame(
    `<h1>Sign in to Gitfarm</h1>${error && `<div class="flash flash-error" role="alert">${error}</div>`}<form action="/session" method="post"><label for="login_field">Username or email address</label><input type="text" name="login" id="login_field" autocomplete="username"><label for="password">Password</label><input type="password" name="password" id="password" autocomplete="current-password"><a href="/password_reset">Forgot password?</a><input type="submit" name="commit" value="Sign in"></form>`,
  )
const code = (error = '') =>
  frame(
    `<h1>Two-factor authentication</h1>${error && `<div class="flash flash-error" role="alert">${error}</div>`}<form action="/sessions/two-factor" method="post"><label for="app_totp">Authentication code</label><input type="text" name="app_otp" id="app_totp" inputmode="numeric" autocomplete="one-time-code" placeholder="XXXXXX"><button type="submit">Verify</button></form><p>Open your two-factor authenticator app to view your code.</p><a href="/sessions/recovery">Use a recovery code</a>`,
  )

export const totpOneField: DoorPlan = {
  name: 'totp-one-field',
  shape: 'a code from the authenticator app in one field, on a page after the password',
  language: 'en',
  username: 'octavia',
  loginPath: '/login',
  signedIn: { path: '/', text: 'Repositories of octavia' },
  says: {
    wrong: 'Incorrect username or password.',
    codeRefused: 'Two-factor authentication failed.',
    too_many: 'Too many attempts. Try again later.',
  },
  moods: ['codes_refused', 'too_many'],
  secondFactor: 'totp',
  serve(app, desk) {
    app.get('/login', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, form())
    })
    app.post<Posted>('/session', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.login, body.password)
      if (verdict === 'right')
        return giveCookie(reply, 'tf', desk.keep('octavia')).redirect('/sessions/two-factor', 302)
      return show(reply, form(desk.says(verdict)), verdict === 'too_many' ? 429 : 200)
    })
    app.get('/sessions/two-factor', (request, reply) =>
      desk.kept(cookieOf(request, 'tf')) ? show(reply, code()) : reply.redirect('/login'),
    )
    app.post<Posted>('/sessions/two-factor', (request, reply) => {
      if (!desk.kept(cookieOf(request, 'tf'))) return reply.redirect('/login', 302)
      return desk.tryCode(request.body.app_otp)
        ? letIn(reply, desk, 'user_session').redirect('/', 302)
        : show(reply, code(desk.says('codeRefused')))
    })
    membersPage(app, desk, {
      path: '/',
      login: '/login',
      html: '<title>Gitfarm</title><h2>Repositories of octavia</h2><form action="/logout" method="post"><input type="hidden" name="t" value="1"><button>Sign out</button></form>',
    })
    logout(app, desk, '/logout', '/login')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('#login_field', username)
      await page.fill('#password', password)
      await page.click('[name=commit]')
    },
    async afterwards(page, { nextCode }) {
      await page.fill('#app_totp', await nextCode())
      await page.getByText('Verify').click()
    },
  },
}
