import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const outer = (
  widget: string,
) => `<!doctype html><html lang="en"><head><title>Copperleaf Partners</title></head><body><header>Copperleaf</header><main><iframe id="auth" src="${widget}/widget?client=copperleaf" width="400" height="320"></iframe></main>
<script>addEventListener('message', async (event) => {
  if (event.origin !== '${widget}' || !event.data.ticket) return
  const answer = await fetch('/session', { method: 'POST', body: new URLSearchParams({ ticket: event.data.ticket }) })
  if (answer.ok) location.href = '/partners'
})</script></body></html>`
const widget = `<!doctype html><html lang="en"><body style="font-family:sans-serif"><h3>Partner login</h3><form id="f"><input name="email" placeholder="Email" autocomplete="username"><br><input name="password" type="password" placeholder="Password"><br><button>Log in</button><div id="m"></div></form>
<script>f.onsubmit = async (event) => { event.preventDefault(); const answer = await fetch('/widget/login', { method: 'POST', body: new URLSearchParams(new FormData(f)) })
  const body = await answer.json(); if (body.ticket) { f.innerHTML = 'Signing you in…'; parent.postMessage({ ticket: body.ticket }, '*') } else m.textContent = body.message }</script></body></html>`

export const iframeOtherOrigin: DoorPlan = {
  name: 'iframe-other-origin',
  shape: 'the form in a frame of another site, which hands a ticket to the page around it',
  language: 'en',
  username: 'wes@partner.example',
  loginPath: '/signin',
  signedIn: { path: '/partners', text: 'Partner desk of Wes' },
  says: {
    wrong: 'Wrong email or password.',
    locked: 'Your account has been blocked after multiple consecutive login attempts.',
  },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/signin', (_request, reply) => show(reply, outer(desk.elsewhere())))
    app.post<Posted>('/session', ({ body }, reply) =>
      desk.take(body.ticket) ? letIn(reply, desk, 'cl_session').send({}) : reply.code(403).send({}),
    )
    membersPage(app, desk, {
      path: '/partners',
      login: '/signin',
      html: '<title>Partners</title><h1>Partner desk of Wes</h1><a href="/signout">Log out</a>',
    })
    logout(app, desk, '/signout', '/signin')
  },
  serveElsewhere(app, desk) {
    app.get('/widget', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, widget)
    })
    app.post<Posted>('/widget/login', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.email, body.password)
      return reply.send(verdict === 'right' ? { ticket: desk.keep('wes') } : { message: desk.says(verdict) })
    })
  },
  byHand: {
    async signIn(page, { username, password }) {
      const frame = page.frameLocator('#auth')
      await frame.getByPlaceholder('Email').fill(username)
      await frame.getByPlaceholder('Password').fill(password)
      await frame.getByText('Log in').click()
    },
  },
}
