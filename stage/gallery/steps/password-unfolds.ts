import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (
  error = '',
) => `<!doctype html><html lang="it"><head><meta charset="utf-8"><title>Entra</title><style>.chiuso{display:none}</style></head><body><h1>Entra in Bottega</h1>
<form action="/entra" method="post" onsubmit="return passo()"><p><label>Indirizzo e-mail <input name="mail" type="email"></label></p><p class="${error ? '' : 'chiuso'}" id="p"><label>Password <input name="pwd" type="password"></label></p><p style="color:#b00">${error}</p><button>${error ? 'Accedi' : 'Avanti'}</button></form>
<script>
function passo() {
  const p = document.getElementById('p'), button = document.querySelector('button')
  if (!p.classList.contains('chiuso')) return true
  button.textContent = 'Attendere…'; button.disabled = true
  fetch('/entra/chi', { method: 'POST', body: new URLSearchParams({ mail: document.forms[0].mail.value }) }).then((answer) => {
    button.disabled = false; button.textContent = answer.ok ? 'Accedi' : 'Avanti'
    if (answer.ok) p.classList.remove('chiuso'); else document.querySelector('[style]').textContent = 'E-mail non riconosciuta.'
  })
  return false
}
</script></body></html>`

export const passwordUnfolds: DoorPlan = {
  name: 'password-unfolds',
  shape: 'the password field is there with display:none and unfolds; the same button goes on and sends',
  language: 'it',
  username: 'marco@bottega.example',
  loginPath: '/entra',
  signedIn: { path: '/bottega', text: 'Bentornato, Marco' },
  says: { wrong: 'Indirizzo e-mail o password errati.', locked: 'Il tuo account è stato sospeso.' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/entra', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/entra/chi', ({ body }, reply) =>
      reply.code(desk.hasName(body.mail) ? 204 : 404).send(),
    )
    app.post<Posted>('/entra', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.mail, body.pwd)
      if (verdict === 'right') return letIn(reply, desk, 'bottega_id').redirect('/bottega', 303)
      return show(reply, page(desk.says(verdict)))
    })
    membersPage(app, desk, {
      path: '/bottega',
      login: '/entra',
      html: '<!doctype html><html lang="it"><title>Bottega</title><p>Bentornato, Marco</p><a href="/esci">Esci</a>',
    })
    logout(app, desk, '/esci', '/entra')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByLabel('e-mail').fill(username)
      await page.getByText('Avanti').click()
      await page.getByLabel('Password').fill(password)
      await page.getByText('Accedi').click()
    },
  },
}
