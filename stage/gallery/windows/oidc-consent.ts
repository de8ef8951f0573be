import { type Asked, cookieOf, giveCookie, letIn, logout, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (inner: string) =>
  `<!doctype html><html lang="en"><head><title>Northgate ID</title></head><body style="background:#20242c;color:#fff"><section style="width:340px;margin:12vh auto">${inner}</section></body></html>`
const form = (flow: string, error = '') =>
  frame(
    `<h2>Log in to continue to Tallow</h2><form method="post" action="/u/login"><input type="hidden" name="flow" value="${flow}"><p><label>Username or email address<br><input name="username" inputmode="email"></label></p><p><label>Password<br><input name="password" type="password"></label></p><p>${error}</p><button type="submit" name="action" value="default">Continue</button></form><form method="post" action="/u/social"><button>Continue with Google</button></form>`,
  )
const consent = (flow: string) =>
  frame(
    `<h2>Authorize App</h2><p>Tallow is requesting access to your Northgate account: profile, email.</p><form method="post" action="/u/consent"><input type="hidden" name="flow" value="${flow}"><button name="action" value="deny">Decline</button> <button name="action" value="accept">Accept</button></form>`,
  )

export const oidcConsent: DoorPlan = {
  name: 'oidc-consent',
  shape: 'a redirect to another site, its form, a consent page, and back with a code',
  language: 'en',
  username: 'kit@northgate.example',
  loginPath: '/',
  signedIn: { path: '/', text: 'Signed in as kit' },
  says: {
    wrong: 'Wrong username or password',
    locked: 'We have detected a potential security issue with this account. It has been blocked.',
  },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/', (request, reply) => {
      if (desk.isIn(request))
        return show(reply, '<title>Tallow</title>Signed in as kit <a href="/logout">Logout</a>')
      const state = desk.keep('state')
      giveCookie(reply, 'state', state)
      return reply.redirect(
        `${desk.elsewhere()}/authorize?response_type=code&scope=openid&state=${state}`,
        302,
      )
    })
    app.get<Asked>('/callback', (request, reply) => {
      const { code, state } = request.query
      const fits = state !== undefined && cookieOf(request, 'state') === state && desk.take(code) === 'code'
      if (!fits) return show(reply, '<h1>invalid_grant</h1>', 400)
      return letIn(reply, desk, 'tallow').redirect('/', 302)
    })
    logout(app, desk, '/logout', '/goodbye')
  },
  serveElsewhere(app, desk) {
    app.get<Asked>('/authorize', ({ query }, reply) => {
      desk.count('formsShown')
      return show(reply, form(desk.keep(query.state ?? '')))
    })
    app.post<Posted>('/u/login', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.username, body.password)
      const flow = body.flow ?? ''
      if (verdict !== 'right') return show(reply, form(flow, desk.says(verdict)))
      return show(giveCookie(reply, 'idp', desk.keep('kit')), consent(flow))
    })
    app.post<Posted>('/u/consent', (request, reply) => {
      const state = desk.take(request.body.flow)
      const isIn = desk.kept(cookieOf(request, 'idp')) === 'kit'
      if (!isIn || state === undefined || request.body.action !== 'accept')
        return reply.redirect(`${desk.url()}/callback?error=access_denied`, 302)
      return reply.redirect(`${desk.url()}/callback?code=${desk.keep('code')}&state=${state}`, 302)
    })
    app.post('/u/social', (_request, reply) => {
      desk.count('otherAccounts')
      return show(reply, '<h1>Google</h1>')
    })
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByLabel('Username').fill(username)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Continue', exact: true }).click()
    },
    async afterwards(page) {
      await page.getByText('Accept').click()
    },
  },
}
