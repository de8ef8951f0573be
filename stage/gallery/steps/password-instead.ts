import { escapeHtml, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (inner: string) =>
  `<!doctype html><html lang="en"><head><title>Papertrail – Sign in</title></head><body style="text-align:center">${inner}</body></html>`
const first = (error = '') =>
  frame(
    `<h1>First of all, enter your email address</h1><form method="post" action="/signin/email"><input data-qa="signin_email" name="email" type="email" placeholder="name@work-email.com"><p>${error}</p><button type="submit">Sign in with email</button></form>`,
  )
const mailed = (flow: string, name: string | undefined) =>
  frame(
    `<h1>Check your email</h1><p>We sent a sign-in link to ${escapeHtml(name)}. It expires in 10 minutes.</p><form method="post" action="/signin/resend"><input type="hidden" name="flow" value="${flow}"><button>Resend link</button></form><form method="post" action="/signin/password-form"><input type="hidden" name="flow" value="${flow}"><button class="linklike">Use your password instead</button></form>`,
  )
const second = (flow: string, error = '') =>
  frame(
    `<h1>Enter your password</h1><form method="post" action="/signin/password"><input type="hidden" name="flow" value="${flow}"><input type="password" name="password" placeholder="Your password"><p role="alert">${error}</p><button>Sign in</button></form>`,
  )

export const passwordInstead: DoorPlan = {
  name: 'password-instead',
  shape: 'after the identifier a link is mailed; the password is behind “Use your password instead”',
  language: 'en',
  username: 'iris@papertrail.example',
  loginPath: '/signin',
  signedIn: { path: '/documents', text: 'Documents shared with Iris' },
  says: { wrong: 'Sorry, you entered an incorrect password.', locked: 'Your account has been deactivated.' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/signin', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, first())
    })
    app.post<Posted>('/signin/email', ({ body }, reply) => {
      if (!desk.hasName(body.email)) return show(reply, first("We couldn't find an account with that email."))
      desk.sendCode()
      return show(reply, mailed(desk.keep('iris'), body.email))
    })
    app.post<Posted>('/signin/resend', ({ body }, reply) => {
      desk.sendCode()
      return show(reply, mailed(body.flow ?? '', desk.username))
    })
    app.post<Posted>('/signin/password-form', ({ body }, reply) => show(reply, second(body.flow ?? '')))
    app.post<Posted>('/signin/password', ({ body }, reply) => {
      const verdict = desk.tryPassword(desk.kept(body.flow) && desk.username, body.password)
      if (verdict === 'right') return letIn(reply, desk, 'd').redirect('/documents', 303)
      return show(reply, second(body.flow ?? '', desk.says(verdict)))
    })
    membersPage(app, desk, {
      path: '/documents',
      login: '/signin',
      html: '<title>Papertrail</title><h2>Documents shared with Iris</h2><a href="/signout">Sign out</a>',
    })
    logout(app, desk, '/signout', '/signin')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByPlaceholder('work-email').fill(username)
      await page.getByText('Sign in with email').click()
      await page.getByText('Use your password instead').click()
      await page.getByPlaceholder('Your password').fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
    },
  },
}
