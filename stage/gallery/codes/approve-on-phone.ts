import { cookieOf, giveCookie, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (inner: string) =>
  `<!doctype html><html lang="en"><head><title>Secure sign-in</title></head><body>${inner}</body></html>`
const form = (error = '') =>
  frame(
    `<h1>Sign in</h1><form method="post" action="/auth/primary"><label>User ID <input name="userid"></label><label>Password <input type="password" name="password"></label><p>${error}</p><button>Sign in</button></form>`,
  )
const waiting =
  frame(`<h1>Approve sign-in request</h1><p>Open your Authenticator app, and enter the number shown to sign in.</p><div style="font-size:48px" id="displaySign">42</div><p><a href="/auth/resend">I can't use my app right now</a></p><script>
const timer = setInterval(async () => { const { state } = await (await fetch('/auth/poll')).json(); if (state === 'approved') { clearInterval(timer); location.href = '/auth/finish' } }, 400)</script>`)

export const approveOnPhone: DoorPlan = {
  name: 'approve-on-phone',
  shape: 'waits for a tap on a phone, with a number to compare, and moves on by itself',
  language: 'en',
  username: 'u558201',
  loginPath: '/auth',
  signedIn: { path: '/desk', text: 'Trading desk of u558201' },
  says: { wrong: 'The user ID or password is incorrect.', locked: 'Your user ID is locked.' },
  moods: ['locked'],
  secondFactor: 'approval',
  serve(app, desk) {
    app.get('/auth', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, form())
    })
    app.post<Posted>('/auth/primary', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.userid, body.password)
      if (verdict !== 'right') return show(reply, form(desk.says(verdict)))
      desk.sendCode()
      return show(giveCookie(reply, 'factor', desk.keep('phone')), waiting)
    })
    app.get('/auth/resend', (_request, reply) => {
      desk.count('otherAccounts')
      return show(reply, frame('<p>Call the help desk.</p>'))
    })
    app.get('/auth/poll', (request) => ({
      state: desk.kept(cookieOf(request, 'factor')) === 'phone' && desk.isApproved() ? 'approved' : 'waiting',
    }))
    app.get('/auth/finish', (request, reply) =>
      desk.isApproved() && desk.take(cookieOf(request, 'factor')) === 'phone'
        ? letIn(reply, desk, 'desk').redirect('/desk', 302)
        : reply.redirect('/auth', 302),
    )
    membersPage(app, desk, {
      path: '/desk',
      login: '/auth',
      html: frame('<h1>Trading desk of u558201</h1><a href="/auth/out">Sign out</a>'),
    })
    logout(app, desk, '/auth/out', '/auth')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByLabel('User ID').fill(username)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button').click()
    },
    async afterwards(page, { approve }) {
      await page.locator('#displaySign').waitFor()
      approve()
    },
  },
}
