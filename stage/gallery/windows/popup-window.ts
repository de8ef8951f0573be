import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const opener = `<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Praxisportal</title></head><body><h1>Praxisportal Dr. Weiß</h1><button onclick="window.open('/anmeldefenster', 'anmeldung', 'width=420,height=380')">Zur Anmeldung</button></body></html>`
const popup = (error = '') =>
  `<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Anmeldung</title></head><body><form method="post" action="/anmeldefenster"><p>${error}</p><label for="b">Benutzer</label><input id="b" name="benutzer"><br><label for="p">Passwort</label><input id="p" name="passwort" type="password"><br><button>Anmelden</button><button type="button" onclick="window.close()">Abbrechen</button></form></body></html>`

export const popupWindow: DoorPlan = {
  name: 'popup-window',
  shape: 'the form in a window of its own, which closes itself; the first page moves on',
  language: 'de',
  username: 'praxis-weiss',
  loginPath: '/',
  signedIn: { path: '/termine', text: 'Termine der Praxis' },
  says: { wrong: 'Anmeldung fehlgeschlagen: falsche Zugangsdaten.', locked: 'Zugang gesperrt.' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/', (_request, reply) => show(reply, opener))
    app.get('/anmeldefenster', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, popup())
    })
    app.post<Posted>('/anmeldefenster', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.benutzer, body.passwort)
      if (verdict === 'right')
        return show(
          letIn(reply, desk, 'praxis'),
          `<script>window.opener.location = '/termine'; window.close()</script>`,
        )
      return show(reply, popup(desk.says(verdict)))
    })
    membersPage(app, desk, {
      path: '/termine',
      login: '/',
      html: '<!doctype html><html lang="de"><title>Termine</title><h1>Termine der Praxis</h1><a href="/ende">Abmelden</a>',
    })
    logout(app, desk, '/ende', '/')
  },
  byHand: {
    async signIn(page, { username, password }) {
      const [window] = await Promise.all([
        page.waitForEvent('popup'),
        page.getByText('Zur Anmeldung').click(),
      ])
      await window.getByLabel('Benutzer').fill(username)
      await window.getByLabel('Passwort').fill(password)
      await window.getByText('Anmelden').click()
    },
  },
}
