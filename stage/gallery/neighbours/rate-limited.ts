import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = `<!doctype html><html lang="en"><head><title>Ledgerline</title></head><body><h3 id="t">Sign in to Ledgerline</h3>
<form id="f"><input name="user" placeholder="User ID"><input name="pass" type="password" placeholder="Passcode"><button id="b">Sign in</button></form><output></output>
<script>f.onsubmit = async (event) => {
  event.preventDefault(); b.disabled = true
  const answer = await fetch('/api/sign-in', { method: 'POST', body: new URLSearchParams(new FormData(f)) })
  if (answer.ok) { location.href = '/ledger'; return }
  document.querySelector('output').textContent = (await answer.json()).detail
  if (answer.status === 429) f.remove(); else b.disabled = false
}</script></body></html>`

export const rateLimited: DoorPlan = {
  name: 'rate-limited',
  shape: 'says how many tries are left; after too many, a 429 and the form is gone',
  language: 'en',
  username: 'acct-5512',
  loginPath: '/sign-in',
  signedIn: { path: '/ledger', text: 'Ledger of acct-5512' },
  says: {
    wrong: 'Invalid user ID or passcode.',
    too_many: 'Too many requests. Wait 10 minutes before you try again.',
    locked: 'Locked: call your branch.',
  },
  moods: ['too_many', 'locked'],
  serve(app, desk) {
    app.get('/sign-in', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page)
    })
    app.post<Posted>('/api/sign-in', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.user, body.pass)
      if (verdict === 'right') return letIn(reply, desk, 'll').send({})
      if (verdict === 'too_many')
        return reply
          .code(429)
          .header('retry-after', '600')
          .send({ detail: desk.says(verdict) })
      return reply.code(401).send({ detail: `${desk.says(verdict)} ${desk.triesLeft()} attempts left.` })
    })
    membersPage(app, desk, {
      path: '/ledger',
      login: '/sign-in',
      html: '<title>Ledger</title><h3>Ledger of acct-5512</h3><a href="/bye">Sign off</a>',
    })
    logout(app, desk, '/bye', '/sign-in')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByPlaceholder('User ID').fill(username)
      await page.getByPlaceholder('Passcode').fill(password)
      await page.click('#b')
    },
  },
}
