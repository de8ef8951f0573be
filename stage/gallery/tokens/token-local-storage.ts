import { type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const shell = `<!doctype html><html lang="en"><head><title>Grain dashboard</title></head><body><app-root></app-root>
<script>
const root = document.querySelector('app-root')
const api = (path, init = {}) => fetch('/api' + path, { ...init, headers: { authorization: 'Bearer ' + (JSON.parse(localStorage.getItem('auth') ?? '{}').token ?? ''), 'content-type': 'application/json' } })
async function route() {
  const me = await api('/me')
  if (me.ok) {
    if (location.pathname !== '/overview') history.replaceState({}, '', '/overview')
    root.innerHTML = '<h1>Datasources of ' + (await me.json()).name + '</h1><button>Sign out</button>'
    root.querySelector('button').onclick = async () => { await api('/logout', { method: 'POST', body: '{}' }); localStorage.removeItem('auth'); route() }
    return
  }
  history.replaceState({}, '', '/login')
  root.innerHTML = '<form><input name="user" aria-label="Username input field" placeholder="email or username"><input name="password" type="password" aria-label="Password input field" placeholder="password"><button aria-label="Login button" type="submit"><span>Log in</span></button><div class="alert"></div></form>'
  root.querySelector('form').onsubmit = async (event) => {
    event.preventDefault()
    const form = event.target
    const answer = await api('/login', { method: 'POST', body: JSON.stringify({ user: form.user.value, password: form.password.value }) })
    const body = await answer.json()
    if (!answer.ok) { root.querySelector('.alert').textContent = body.message; return }
    root.innerHTML = '<p>Loading plugins…</p>'
    setTimeout(() => { localStorage.setItem('auth', JSON.stringify({ token: body.token, expiresIn: 86400 })); route() }, 500)
  }
}
route()
</script></body></html>`

export const tokenLocalStorage: DoorPlan = {
  name: 'token-local-storage',
  shape:
    'a single page whose bearer token lies in localStorage, half a second after the form is gone; no cookie',
  language: 'en',
  username: 'grace',
  loginPath: '/login',
  signedIn: { path: '/overview', text: 'Datasources of grace', in: 'browser' },
  says: { wrong: 'Invalid username or password', locked: 'User is blocked', broken: 'Unexpected error' },
  moods: ['locked', 'broken'],
  keptIn: 'localStorage',
  serve(app, desk) {
    for (const path of ['/', '/login', '/overview']) app.get(path, (_request, reply) => show(reply, shell))
    app.get('/api/me', (request, reply) => {
      if (desk.isIn(request)) return { name: 'grace' }
      desk.count('formsShown')
      return reply.code(401).send({})
    })
    app.post<Posted>('/api/login', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.user, body.password)
      if (verdict === 'right') return { token: desk.begin() }
      return reply.code(verdict === 'broken' ? 500 : 401).send({ message: desk.says(verdict) })
    })
    app.post('/api/logout', (request) => {
      desk.signOut(request)
      return {}
    })
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByLabel('Username').fill(username)
      await page.getByLabel('Password').fill(password)
      await page.getByLabel('Login button').click()
    },
  },
}
