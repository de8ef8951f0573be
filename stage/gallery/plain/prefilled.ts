import { escapeHtml, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (
  name: string,
  error = '',
) => `<!doctype html><html lang="pl"><head><meta charset="utf-8"><title>Panel sprzedawcy</title>
<style>.row{margin:10px}.bad{background:#fdd;padding:8px}</style></head><body>
<div class="container"><h3>Logowanie</h3>${error && `<div class="bad">${error}</div>`}
<form method="post" action="?krok=1" autocomplete="on"><div class="row"><label>Login lub adres e-mail<br><input type="text" name="login[nazwa]" value="${escapeHtml(name)}"></label></div>
<div class="row"><label>Hasło<br><input type="password" name="login[haslo]" value="********"></label></div>
<div class="row"><label><input type="checkbox" name="login[pamietaj]" checked> Zapamiętaj mnie</label></div>
<input type="submit" class="btn" value="Zaloguj się"> <a href="/przypomnij">Nie pamiętam hasła</a></form></div></body></html>`

export const prefilled: DoorPlan = {
  name: 'prefilled',
  shape: 'both fields come filled in, with another person and stars',
  language: 'pl',
  username: 'k.nowak',
  loginPath: '/panel/login',
  signedIn: { path: '/panel', text: 'Zalogowano jako k.nowak' },
  says: {
    wrong: 'Nieprawidłowy login lub hasło.',
    locked: 'Konto zostało zablokowane.',
    too_many: 'Zbyt wiele prób logowania. Spróbuj ponownie później.',
  },
  moods: ['locked', 'too_many'],
  serve(app, desk) {
    app.get('/panel/login', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page('sklep-demo'))
    })
    app.post<Posted>('/panel/login', ({ body }, reply) => {
      const name = body['login[nazwa]']
      const verdict = desk.tryPassword(name, body['login[haslo]'])
      if (verdict === 'right') return letIn(reply, desk, 'panel_sid').redirect('/panel', 303)
      return show(reply, page(name ?? '', desk.says(verdict)))
    })
    const panel = `<!doctype html><html lang="pl"><title>Panel</title><nav>Zalogowano jako k.nowak · <a href="/panel/wyloguj">Wyloguj</a></nav>`
    membersPage(app, desk, { path: '/panel', login: '/panel/login', html: panel })
    logout(app, desk, '/panel/wyloguj', '/panel/login')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByLabel('Login lub adres').fill(username)
      await page.getByLabel('Hasło').fill(password)
      await page.getByRole('button', { name: 'Zaloguj się' }).click()
    },
  },
}
