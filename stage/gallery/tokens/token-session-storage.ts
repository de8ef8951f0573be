import { type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const shell = `<!doctype html><html lang="it"><head><meta charset="utf-8"><title>Registro elettronico</title></head><body>
<div id="entra" hidden><label for="cod">Codice utente</label><input id="cod"><label for="pas">Password</label><input id="pas" type="password"><button onclick="entra_()">Entra con le credenziali</button><p id="err"></p><a href="/spid">Entra con SPID</a></div><div id="dentro" hidden><h1>Registro della classe 3B</h1><button onclick="esci()">Esci</button></div>
<script>
const el = (id) => document.getElementById(id)
const bearer = () => ({ authorization: 'Bearer ' + (sessionStorage.getItem('jwt') ?? '') })
async function apri() { const answer = await fetch('/rest/io', { headers: bearer() }); el('dentro').hidden = !answer.ok; el('entra').hidden = answer.ok }
async function entra_() {
  const answer = await fetch('/rest/entra', { method: 'POST', body: new URLSearchParams({ cod: el('cod').value, pas: el('pas').value }) })
  if (!answer.ok) { el('err').textContent = await answer.text(); return }
  sessionStorage.setItem('jwt', await answer.text()); apri()
}
async function esci() { await fetch('/rest/esci', { method: 'POST', headers: bearer() }); sessionStorage.clear(); apri() }
apri()
</script></body></html>`

export const tokenSessionStorage: DoorPlan = {
  name: 'token-session-storage',
  shape: 'a single page whose token lies in sessionStorage: it is gone with the tab, and no state holds it',
  language: 'it',
  username: 'G77231P',
  loginPath: '/registro',
  signedIn: { path: '/registro', text: 'Registro della classe 3B', in: 'browser' },
  says: { wrong: 'Codice utente o password non corretti.', locked: 'Utente disabilitato.' },
  moods: ['locked'],
  keptIn: 'sessionStorage',
  serve(app, desk) {
    app.get('/registro', (_request, reply) => show(reply, shell))
    app.get('/spid', (_request, reply) => {
      desk.count('otherAccounts')
      return show(reply, '<h1>SPID</h1>')
    })
    app.get('/rest/io', (request, reply) => {
      if (desk.isIn(request)) return {}
      desk.count('formsShown')
      return reply.code(401).send({})
    })
    app.post<Posted>('/rest/entra', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.cod, body.pas)
      return verdict === 'right' ? reply.send(desk.begin()) : reply.code(401).send(desk.says(verdict))
    })
    app.post('/rest/esci', (request) => {
      desk.signOut(request)
      return {}
    })
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('#cod', username)
      await page.fill('#pas', password)
      await page.getByText('Entra con le credenziali').click()
    },
  },
}
