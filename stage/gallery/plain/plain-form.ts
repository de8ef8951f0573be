import { escapeHtml, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (username = '', error = '') => `<!doctype html>
<html lang="en">
<head><title>Sign in · Harbour Freight Desk</title>
<style>body{font:16px sans-serif;max-width:24rem;margin:4rem auto}label,input{display:block;width:100%}.error{color:#b00}</style></head>
<body>
  <h1>Sign in</h1>
  ${error && `<p class="error" role="alert">${error}</p>`}
  <form method="post" action="/login">
    <label for="username">Username</label>
    <input id="username" name="username" autocomplete="username" required value="${escapeHtml(username)}">
    <label for="password">Password</label>
    <input id="password" name="password" type="password" autocomplete="current-password" required>
    <button type="submit">Sign in</button>
  </form>
</body></html>`

const home = `<!doctype html><html lang="en"><title>Harbour Freight Desk</title>
<h1>Your shipments</h1><p>Hello, alice. 3 shipments are on their way.</p>
<form method="post" action="/logout"><input type="hidden" name="all" value="0"><button>Sign out</button></form>`

export const plainForm: DoorPlan = {
  name: 'plain-form',
  shape: 'one page, one form, everything labelled',
  language: 'en',
  username: 'alice',
  loginPath: '/login',
  signedIn: { path: '/', text: 'Hello, alice' },
  says: {
    wrong: 'The username or password you entered is incorrect.',
    locked: 'This account has been locked. Contact your administrator.',
    too_many: 'Too many failed attempts. Try again in 15 minutes.',
    broken: 'Internal Server Error',
  },
  moods: ['locked', 'too_many', 'broken'],
  serve(app, desk) {
    app.get('/login', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/login', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.username, body.password)
      if (verdict === 'right') return letIn(reply, desk, 'sid').redirect('/', 303)
      if (verdict === 'broken') return show(reply, `<h1>${desk.says('broken')}</h1>`, 500)
      return show(reply, page(body.username, desk.says(verdict)))
    })
    membersPage(app, desk, { path: '/', login: '/login', html: home })
    logout(app, desk, '/logout', '/login')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByLabel('Username').fill(username)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
    },
  },
}
