import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (
  banner: string,
  error = '',
) => `<!doctype html><html lang="it"><head><meta charset="utf-8"><title>Area clienti</title><style>#sp{position:fixed;inset:0;width:100%;height:100%;border:0;z-index:99}</style></head><body>
<h2>Area clienti</h2><form method="post" action="/area/login"><table><tr><td>Codice cliente</td><td><input name="codice"></td></tr><tr><td>Password</td><td><input name="parola" type="password"></td></tr></table><p class="errore">${error}</p><button>Entra</button></form>
<script>if (!document.cookie.includes('cmp=')) { const sp = document.createElement('iframe'); sp.id = 'sp'; sp.title = 'Consenso'; sp.src = '${banner}/cmp'; document.body.append(sp); addEventListener('message', (event) => { if (event.data === 'cmp') { document.cookie = 'cmp=1;path=/'; sp.remove() } }) }</script></body></html>`

export const cookieFrame: DoorPlan = {
  name: 'cookie-frame',
  shape: 'the consent layer is a frame of another site over the whole window',
  language: 'it',
  username: 'C-77120',
  loginPath: '/area',
  signedIn: { path: '/area/bollette', text: 'Le tue bollette' },
  says: { wrong: 'Codice cliente o password errati.', locked: 'Utenza bloccata.' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/area', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page(desk.elsewhere()))
    })
    app.post<Posted>('/area/login', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.codice, body.parola)
      if (verdict === 'right') return letIn(reply, desk, 'area').redirect('/area/bollette', 303)
      return show(reply, page(desk.elsewhere(), desk.says(verdict)))
    })
    membersPage(app, desk, {
      path: '/area/bollette',
      login: '/area',
      html: '<!doctype html><html lang="it"><title>Bollette</title><h2>Le tue bollette</h2><a href="/area/esci">Esci</a>',
    })
    logout(app, desk, '/area/esci', '/area')
  },
  serveElsewhere(app) {
    app.get('/cmp', (_request, reply) =>
      show(
        reply,
        `<!doctype html><html lang="it"><body style="background:#0006"><div style="background:#fff;margin:20vh auto;width:400px;padding:20px"><p>Noi e terze parti selezionate utilizziamo i cookie.</p><button onclick="parent.postMessage('cmp', '*')">Rifiuta</button><button onclick="parent.postMessage('cmp', '*')">Accetta tutto</button></div></body></html>`,
      ),
    )
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.frameLocator('#sp').getByText('Rifiuta').click()
      await page.fill('[name=codice]', username)
      await page.fill('[name=parola]', password)
      await page.getByText('Entra').click()
    },
  },
}
