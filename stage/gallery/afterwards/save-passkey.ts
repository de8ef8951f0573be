import { letIn, logout, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (error = '') =>
  `<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Einloggen</title></head><body><main><h1>Einloggen</h1><form method="post" action="/ein"><input name="n" placeholder="Benutzername" autocomplete="username webauthn"><input name="k" type="password" placeholder="Passwort"><p class="hinweis">${error}</p><button type="submit">Einloggen</button><button type="button" onclick="alert('Kein Passkey gefunden')">Mit Passkey anmelden</button></form></main></body></html>`
const offer = `<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Passkey</title></head><body><main><h1>Schneller anmelden mit einem Passkey</h1><p>Erstellen Sie jetzt einen Passkey, und melden Sie sich mit Fingerabdruck an.</p><button onclick="location='/passkey/neu'">Passkey erstellen</button> <a href="/ein/weiter" role="button">Jetzt nicht</a></main></body></html>`

export const savePasskey: DoorPlan = {
  name: 'save-passkey',
  shape: 'offers to create a passkey after the login, on each page, until “not now”',
  language: 'de',
  username: 'jule84',
  loginPath: '/ein',
  signedIn: { path: '/start', text: 'Schön, dass du da bist, Jule' },
  says: { wrong: 'Die Zugangsdaten sind ungültig.', locked: 'Dieses Konto ist deaktiviert.' },
  moods: ['locked'],
  serve(app, desk) {
    let isOffered = false
    app.get('/ein', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/ein', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.n, body.k)
      if (verdict !== 'right') return show(reply, page(desk.says(verdict)))
      isOffered = true
      return letIn(reply, desk, 'jsid').redirect('/start', 303)
    })
    app.get('/start', (request, reply) => {
      if (!desk.isIn(request)) return reply.redirect('/ein')
      return show(
        reply,
        isOffered
          ? offer
          : '<!doctype html><html lang="de"><meta charset="utf-8"><title>Start</title>Schön, dass du da bist, Jule <a href="/aus">Ausloggen</a>',
      )
    })
    app.get('/ein/weiter', (_request, reply) => {
      isOffered = false
      return reply.redirect('/start')
    })
    app.get('/passkey/neu', (_request, reply) => {
      desk.count('signUps')
      return show(
        reply,
        '<!doctype html><html lang="de"><meta charset="utf-8"><p>Bitte bestätigen Sie auf Ihrem Gerät.</p>',
      )
    })
    logout(app, desk, '/aus', '/ein')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByPlaceholder('Benutzername').fill(username)
      await page.getByPlaceholder('Passwort').fill(password)
      await page.getByText('Einloggen', { exact: true }).last().click()
    },
    async afterwards(page) {
      await page.getByText('Jetzt nicht').click()
    },
  },
}
