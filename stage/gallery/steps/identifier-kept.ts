import { escapeHtml, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (
  name: string,
  step: 1 | 2,
  error = '',
) => `<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Anmelden bei Kontor</title></head><body>
<form method="post" action="/konto/anmelden" id="login"><h1>Anmelden</h1><div class="feld"><label for="kennung">Benutzername oder E-Mail</label><input id="kennung" name="kennung" value="${escapeHtml(name)}"${step === 2 ? ' readonly' : ''}>${step === 2 ? ' <a href="/konto/anmelden">Ändern</a>' : ''}</div>
${step === 2 ? '<div class="feld"><label for="kennwort">Passwort</label><input id="kennwort" name="kennwort" type="password"></div>' : ''}
<div class="fehler" role="alert">${error}</div><button type="submit" name="schritt" value="${step}">${step === 1 ? 'Weiter' : 'Anmelden'}</button></form>
<p>Noch kein Konto? <a href="/konto/neu">Jetzt registrieren</a></p></body></html>`

export const identifierKept: DoorPlan = {
  name: 'identifier-kept',
  shape:
    'the identifier stays on the page, read-only, when the password is asked for; one address for both steps',
  language: 'de',
  username: 'h.petersen@kontor.example',
  loginPath: '/konto/anmelden',
  signedIn: { path: '/konto', text: 'Moin, Herr Petersen' },
  says: {
    wrong: 'Das Passwort ist leider falsch.',
    locked: 'Ihr Konto wurde gesperrt.',
    too_many: 'Zu viele Fehlversuche.',
  },
  moods: ['locked', 'too_many'],
  serve(app, desk) {
    app.get('/konto/anmelden', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page('', 1))
    })
    app.post<Posted>('/konto/anmelden', ({ body }, reply) => {
      const name = body.kennung ?? ''
      if (body.kennwort === undefined)
        return desk.hasName(name)
          ? show(reply, page(name, 2))
          : show(reply, page(name, 1, 'Dieser Benutzer ist nicht bekannt.'))
      const verdict = desk.tryPassword(name, body.kennwort)
      if (verdict === 'right') return letIn(reply, desk, 'kontor').redirect('/konto', 303)
      return show(reply, page(name, 2, desk.says(verdict)))
    })
    membersPage(app, desk, {
      path: '/konto',
      login: '/konto/anmelden',
      html: '<!doctype html><html lang="de"><title>Konto</title><p>Moin, Herr Petersen</p><a href="/konto/abmelden">Abmelden</a>',
    })
    logout(app, desk, '/konto/abmelden', '/konto/anmelden')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('#kennung', username)
      await page.getByText('Weiter').click()
      await page.fill('#kennwort', password)
      await page.getByRole('button', { name: 'Anmelden' }).click()
    },
  },
}
