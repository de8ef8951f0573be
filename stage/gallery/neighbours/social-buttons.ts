import { elsewhereOnThePage, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (error = '') => `<!doctype html><html lang="en"><head><title>Log in to Stackyard</title><style>
main{max-width:360px;margin:60px auto;text-align:center}.b{display:block;width:100%;margin:8px 0;padding:12px;border:1px solid #ccc;border-radius:24px;background:#fff}.hidden{display:none}</style></head><body><main>
<h1>Log in to Stackyard</h1>
<div class="${error && 'hidden'}" id="choices"><a class="b" href="/auth/google">Continue with Google</a><a class="b" href="/auth/apple">Continue with Apple</a><button class="b" onclick="location='/auth/sso'">Continue with SSO</button>
<button class="b" id="mail">Continue with email</button><p>Don’t have an account? <a href="/signup">Sign up</a></p></div>
<form id="form" class="${error ? '' : 'hidden'}" action="/session" method="post"><p role="alert">${error}</p><label>Email <input type="email" name="session[email]"></label><label>Password <input type="password" name="session[password]"></label><button class="b">Log in</button><button class="b" type="button" onclick="location='/auth/google'">Log in with Google instead</button></form></main>
<script>mail.onclick = () => { choices.classList.add('hidden'); form.classList.remove('hidden') }</script></body></html>`

export const socialButtons: DoorPlan = {
  name: 'social-buttons',
  shape: 'Google, Apple and SSO first; the form comes after “Continue with email”',
  language: 'en',
  username: 'dana@stackyard.example',
  loginPath: '/login',
  signedIn: { path: '/boards', text: "Dana's boards" },
  says: {
    wrong: "Your email or password doesn't match our records.",
    locked: 'This account has been deactivated.',
  },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/login', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/session', ({ body }, reply) => {
      const verdict = desk.tryPassword(body['session[email]'], body['session[password]'])
      if (verdict === 'right') return letIn(reply, desk, '_stackyard_session').redirect('/boards', 302)
      return show(reply, page(desk.says(verdict)), 422)
    })
    for (const provider of ['google', 'apple', 'sso'])
      app.get(`/auth/${provider}`, (_request, reply) => {
        desk.count('otherAccounts')
        return show(
          reply,
          `<title>Sign in – ${provider}</title><form method="post" action="/auth/${provider}/go"><input name="identifier" aria-label="Email or phone"><button>Next</button></form>`,
        )
      })
    elsewhereOnThePage(app, desk, {
      '/signup': {
        counts: 'signUps',
        html: '<form method="post"><input name="email"><input type="password" name="password"><button>Sign up</button></form>',
      },
    })
    membersPage(app, desk, {
      path: '/boards',
      login: '/login',
      html: `<!doctype html><title>Boards</title><h1>Dana's boards</h1><a href="/logout">Log out</a>`,
    })
    logout(app, desk, '/logout', '/login')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.click('#mail')
      await page.getByLabel('Email').fill(username)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Log in', exact: true }).click()
    },
  },
}
