import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = `<!doctype html><html lang="en"><head><title>Sign in to your account</title><style>
.moveOffScreen{position:fixed;bottom:0;right:-2000px;height:0;width:0}.box{width:440px;margin:10vh auto;padding:44px;box-shadow:0 2px 6px #0003}.hide{display:none}.error{color:#e81123}</style></head><body><div class="box">
<div id="step-1"><div role="heading">Sign in</div><div id="usernameError" class="error hide"></div><input type="email" name="loginfmt" id="i0116" placeholder="Email, phone, or Skype"><input name="passwd" type="password" id="i0118-off" class="moveOffScreen" tabindex="-1" aria-hidden="true"><input type="submit" id="idSIButton9" value="Next"></div>
<div id="step-2" class="hide"><div id="displayName"></div><div role="heading">Enter password</div><div id="passwordError" class="error hide"></div><input name="passwd" type="password" id="i0118" placeholder="Password"><a href="/resetpw">Forgot my password</a><input type="submit" id="idSIButton10" value="Sign in"></div></div>
<script>
const el = (id) => document.getElementById(id)
const fail = (id, text) => { el(id).textContent = text; el(id).classList.remove('hide') }
const post = (path, body) => fetch(path, { method: 'POST', body: new URLSearchParams(body) })
el('idSIButton9').onclick = async () => {
  const trap = el('i0118-off').value
  const answer = await post('/common/GetCredentialType', { username: el('i0116').value, trap })
  if (!answer.ok) return fail('usernameError', await answer.text())
  el('displayName').textContent = el('i0116').value
  setTimeout(() => { el('step-1').classList.add('hide'); el('step-2').classList.remove('hide'); el('i0118').focus() }, 350)
}
el('idSIButton10').onclick = async () => {
  const answer = await post('/common/login', { login: el('i0116').value, passwd: el('i0118').value })
  if (answer.ok) location.replace('/home'); else fail('passwordError', await answer.text())
}
</script></body></html>`

export const hiddenPassword: DoorPlan = {
  name: 'hidden-password',
  shape: 'a password field off the screen in step one, which is a trap; the real one comes in step two',
  language: 'en',
  username: 'megan@contora.example',
  loginPath: '/common/oauth2/authorize',
  signedIn: { path: '/home', text: 'Good morning, Megan' },
  says: {
    wrong: 'Your account or password is incorrect.',
    locked: 'Your account is temporarily locked to prevent unauthorized use.',
  },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/common/oauth2/authorize', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page)
    })
    app.post<Posted>('/common/GetCredentialType', ({ body }, reply) => {
      if (desk.isTrapped(body.trap)) return reply.code(400).send('Something went wrong. Try again later.')
      if (desk.hasName(body.username)) return {}
      return reply.code(404).send("This username may be incorrect. That account doesn't exist.")
    })
    app.post<Posted>('/common/login', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.login, body.passwd)
      if (verdict === 'right') return letIn(reply, desk, 'ESTSAUTH').send('')
      return reply.code(403).send(desk.says(verdict))
    })
    membersPage(app, desk, {
      path: '/home',
      login: '/common/oauth2/authorize',
      html: '<title>Home</title><h1>Good morning, Megan</h1><a href="/signout">Sign out</a>',
    })
    logout(app, desk, '/signout', '/common/oauth2/authorize')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('#i0116', username)
      await page.click('#idSIButton9')
      await page.fill('#i0118', password)
      await page.click('#idSIButton10')
    },
  },
}
