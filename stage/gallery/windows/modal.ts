import { elsewhereOnThePage, letIn, logout, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const landing = `<!doctype html><html lang="en"><head><title>Fernway — project planning</title><style>nav{display:flex;gap:2em}dialog::backdrop{background:#000a}.hero{padding:6em}</style></head><body>
<nav><b>Fernway</b><a href="/pricing">Pricing</a><a href="#" id="open">Sign in</a><a href="/get-started" class="cta">Start free trial</a></nav>
<div class="hero"><h1>Plans that grow with you</h1><form action="/newsletter" method="post"><input type="email" name="email" placeholder="Work email"><button>Get started</button></form></div>
<dialog id="d"><form method="dialog"><button aria-label="Close">×</button></form><h2>Sign in to Fernway</h2><form id="f"><label>Email<br><input name="email" type="email"></label><br><label>Password<br><input name="password" type="password"></label><p id="e"></p><button>Sign in</button></form></dialog>
<script>
open_ = document.getElementById('open'); open_.onclick = (event) => { event.preventDefault(); d.showModal() }
f.onsubmit = async (event) => { event.preventDefault(); const answer = await fetch('/ajax/sign-in', { method: 'POST', body: new URLSearchParams(new FormData(f)) })
  if (answer.ok) location.reload(); else e.textContent = await answer.text() }
</script></body></html>`

export const modal: DoorPlan = {
  name: 'modal',
  shape:
    'a landing page whose “Sign in” link opens a <dialog>; signed in, the same address shows another page',
  language: 'en',
  username: 'olga@fernway.example',
  loginPath: '/',
  signedIn: { path: '/', text: 'Your projects, Olga' },
  says: { wrong: 'Incorrect email or password', locked: 'Account locked' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/', (request, reply) => {
      if (desk.isIn(request))
        return show(
          reply,
          '<!doctype html><title>Fernway</title><h1>Your projects, Olga</h1><a href="/sign-out">Sign out</a>',
        )
      desk.count('formsShown')
      return show(reply, landing)
    })
    app.post<Posted>('/ajax/sign-in', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.email, body.password)
      if (verdict === 'right') return letIn(reply, desk, 'fw').send('')
      return reply.code(401).send(desk.says(verdict))
    })
    elsewhereOnThePage(app, desk, {
      '/newsletter': { counts: 'newsletters', html: 'Thanks!' },
      '/get-started': {
        counts: 'signUps',
        html: '<h1>Create your account</h1><form method="post"><input name="email"><input name="p" type="password"><button>Create account</button></form>',
      },
      '/pricing': { counts: 'searches', html: '<h1>Pricing</h1>' },
    })
    logout(app, desk, '/sign-out', '/')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByRole('link', { name: 'Sign in' }).click()
      await page.getByLabel('Email').fill(username)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
    },
  },
}
