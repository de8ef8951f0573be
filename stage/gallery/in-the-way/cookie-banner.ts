import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (
  error = '',
) => `<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Anmeldung - Gartenmarkt</title><style>
#cc{position:fixed;left:0;right:0;bottom:0;height:70vh;background:#fff;border-top:4px solid green;padding:20px;z-index:9999}form{margin-top:40vh}</style></head><body>
<form action="/kunde/login" method="post"><h2>Ich bin bereits Kunde</h2><label>E-Mail-Adresse <input name="mail" type="email"></label><label>Passwort <input name="pw" type="password"></label><em>${error}</em><button class="primary">Einloggen</button></form>
<div id="cc" role="dialog" aria-label="Datenschutz"><h3>Wir schätzen Ihre Privatsphäre</h3><p>Wir und unsere 128 Partner verwenden Cookies. Mit „Alle akzeptieren“ stimmen Sie zu.</p><button data-c="all">Alle akzeptieren</button> <button data-c="none">Alle ablehnen</button> <a href="/datenschutz">Einstellungen</a></div>
<script>if (document.cookie.includes('consent=')) cc.remove(); else cc.querySelectorAll('button').forEach((button) => { button.onclick = () => { document.cookie = 'consent=' + button.dataset.c + ';path=/'; cc.remove() } })</script></body></html>`

export const cookieBanner: DoorPlan = {
  name: 'cookie-banner',
  shape: 'a fixed cookie banner over the form, to accept or refuse; it comes back with no consent',
  language: 'de',
  username: 'ute@garten.example',
  loginPath: '/kunde',
  signedIn: { path: '/kunde/konto', text: 'Hallo Ute' },
  says: { wrong: 'E-Mail-Adresse oder Passwort stimmen nicht.', locked: 'Ihr Kundenkonto ist gesperrt.' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/kunde', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/kunde/login', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.mail, body.pw)
      if (verdict === 'right') return letIn(reply, desk, 'gm').redirect('/kunde/konto', 303)
      return show(reply, page(desk.says(verdict)))
    })
    membersPage(app, desk, {
      path: '/kunde/konto',
      login: '/kunde',
      html: '<!doctype html><html lang="de"><title>Konto</title>Hallo Ute <a href="/kunde/logout">Ausloggen</a>',
    })
    logout(app, desk, '/kunde/logout', '/kunde')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByText('Alle ablehnen').click()
      await page.getByLabel('E-Mail').fill(username)
      await page.getByLabel('Passwort').fill(password)
      await page.getByText('Einloggen').click()
    },
  },
}
