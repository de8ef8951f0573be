import { letIn, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

/** Draws itself from a state, as React pages do: fields are replaced when they are drawn anew, and sent from the state. */
const app = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Quill</title></head><body><noscript>You need to enable JavaScript to run this app.</noscript><div id="app"></div>
<script>
let state = { view: 'loading', name: '', secret: '', busy: false, error: null }
const set = (part) => { state = { ...state, ...part }; draw() }
const make = (tag, props, ...children) => { const node = Object.assign(document.createElement(tag), props); node.append(...children); return node }
function signIn() {
  const field = (label, type, key) => make('div', { className: 'field_' + key + '__x2' }, make('span', { className: 'caption' }, label),
    make('input', { type, value: state[key], disabled: state.busy, oninput: (event) => { state[key] = event.target.value } }))
  return make('section', { className: 'AuthView' }, make('h2', {}, 'Welcome back'), field('Email or username', 'text', 'name'), field('Password', 'password', 'secret'),
    ...(state.error ? [make('p', { className: 'toast toast--bad' }, state.error)] : []),
    make('button', { type: 'button', className: 'Btn', disabled: state.busy, onclick: submit }, state.busy ? 'Signing in…' : 'Log in'))
}
async function submit() {
  set({ busy: true, error: null })
  await new Promise((done) => setTimeout(done, 250))
  const answer = await fetch('/api/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ op: 'login', name: state.name, secret: state.secret }) })
  const { data, errors } = await answer.json()
  set(data ? { view: 'in', busy: false } : { busy: false, error: errors[0].message })
  if (data) history.pushState({}, '', '/notes')
}
const signOut = () => fetch('/api/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"op":"logout"}' }).then(() => location.assign('/'))
const notes = () => make('section', {}, make('h2', {}, 'Notes of sam@quill.example'), make('button', { onclick: signOut }, 'Log out'))
function draw() { document.getElementById('app').replaceChildren({ loading: () => make('p', {}, 'Loading…'), out: signIn, in: notes }[state.view]()) }
draw()
fetch('/api/viewer').then((answer) => answer.json()).then(({ viewer }) => set({ view: viewer ? 'in' : 'out' }))
</script></body></html>`

export const noForm: DoorPlan = {
  name: 'no-form',
  shape: 'no <form>: a page drawn by a script that sends by fetch on the click alone; errors come with a 200',
  language: 'en',
  username: 'sam@quill.example',
  loginPath: '/',
  signedIn: { path: '/notes', text: 'Notes of sam@quill.example', in: 'browser' },
  says: {
    wrong: "That email and password combination didn't work.",
    locked: 'Your account is suspended.',
    broken: 'Something went wrong on our side.',
  },
  moods: ['locked', 'broken'],
  serve(server, desk) {
    for (const path of ['/', '/notes']) server.get(path, (_request, reply) => show(reply, app))
    server.get('/api/viewer', (request) => {
      if (!desk.isIn(request)) desk.count('formsShown')
      return { viewer: desk.isIn(request) ? { name: 'sam' } : null }
    })
    server.post<Posted>('/api/graphql', (request, reply) => {
      const { op, name, secret } = request.body
      if (op === 'logout') {
        desk.signOut(request)
        return { data: {} }
      }
      const verdict = desk.tryPassword(name, secret)
      if (verdict === 'right') return letIn(reply, desk, '__quill').send({ data: { login: true } })
      return reply.send({ errors: [{ message: desk.says(verdict) }] })
    })
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.locator('.field_name__x2 input').fill(username)
      await page.locator('input[type=password]').fill(password)
      await page.getByText('Log in').click()
    },
  },
}
