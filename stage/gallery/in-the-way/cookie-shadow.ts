import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (
  error = '',
) => `<!doctype html><html lang="nl"><head><meta charset="utf-8"><title>Inloggen bij Fietsenrijk</title></head><body><div id="usercentrics-root"></div>
<form method="post" action="/account/inloggen"><h1>Inloggen</h1><p><input type="email" name="e" placeholder="E-mailadres"></p><p><input type="password" name="w" placeholder="Wachtwoord"></p><p>${error}</p><p><button>Log in</button> of <a href="/account/nieuw">maak een account aan</a></p></form>
<script>if (!localStorage.getItem('uc_ok')) { const root = document.getElementById('usercentrics-root').attachShadow({ mode: 'open' })
root.innerHTML = '<style>.o{position:fixed;inset:0;background:#0009;z-index:9}.d{background:#fff;margin:15vh auto;width:480px;padding:1em}</style><div class="o"><div class="d"><h2>Cookies</h2><p>Fietsenrijk gebruikt cookies.</p><button data-testid="uc-deny-all-button">Weigeren</button><button data-testid="uc-accept-all-button">Alles accepteren</button></div></div>'
root.querySelectorAll('button').forEach((button) => { button.onclick = () => { localStorage.setItem('uc_ok', '1'); root.innerHTML = '' } }) }</script></body></html>`

export const cookieShadow: DoorPlan = {
  name: 'cookie-shadow',
  shape: 'the consent layer is in a shadow root',
  language: 'nl',
  username: 'sanne@fiets.example',
  loginPath: '/account',
  signedIn: { path: '/account/bestellingen', text: 'Hoi Sanne' },
  says: { wrong: 'Onjuist e-mailadres of wachtwoord.', locked: 'Je account is vergrendeld.' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/account', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/account/inloggen', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.e, body.w)
      if (verdict === 'right') return letIn(reply, desk, 'fr_sid').redirect('/account/bestellingen', 303)
      return show(reply, page(desk.says(verdict)))
    })
    membersPage(app, desk, {
      path: '/account/bestellingen',
      login: '/account',
      html: '<!doctype html><html lang="nl"><title>Bestellingen</title>Hoi Sanne <a href="/account/uit">Uitloggen</a>',
    })
    logout(app, desk, '/account/uit', '/account')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByTestId('uc-deny-all-button').click()
      await page.getByPlaceholder('E-mailadres').fill(username)
      await page.getByPlaceholder('Wachtwoord').fill(password)
      await page.getByText('Log in').click()
    },
  },
}
