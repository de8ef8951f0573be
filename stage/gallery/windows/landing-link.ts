import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const landing = `<!doctype html><html lang="pl"><head><meta charset="utf-8"><title>Biblioteka Miejska</title></head><body><table width="100%"><tr><td><a href="/">Biblioteka Miejska</a></td><td align="right"><a href="/katalog">Katalog</a> | <a href="/konto/nowe">Załóż konto</a> | <a href="/konto/wejscie">Zaloguj się</a></td></tr></table>
<h1>Godziny otwarcia</h1><p>pn.–pt. 9–18. Zaloguj się, aby przedłużyć książki.</p></body></html>`
const page = (error = '') =>
  `<!doctype html><html lang="pl"><head><meta charset="utf-8"><title>Zaloguj się</title></head><body><form method="post" action="/konto/wejscie"><dl><dt>Numer karty</dt><dd><input name="karta"></dd><dt>PIN</dt><dd><input name="pin" type="password"></dd></dl><p><b>${error}</b></p><button name="akcja" value="wejdz">Zaloguj</button></form></body></html>`

export const landingLink: DoorPlan = {
  name: 'landing-link',
  shape: 'a home page with a link to the sign-in page; card number and PIN',
  language: 'pl',
  username: '0048113',
  loginPath: '/',
  signedIn: { path: '/konto', text: 'Karta 0048113' },
  says: { wrong: 'Błędny numer karty lub PIN.', locked: 'Karta jest zablokowana.' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/', (_request, reply) => show(reply, landing))
    app.get('/konto/nowe', (_request, reply) => {
      desk.count('signUps')
      return show(reply, '<h1>Załóż konto</h1>')
    })
    app.get('/konto/wejscie', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/konto/wejscie', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.karta, body.pin)
      if (verdict === 'right') return letIn(reply, desk, 'bib').redirect('/konto', 302)
      return show(reply, page(desk.says(verdict)))
    })
    membersPage(app, desk, {
      path: '/konto',
      login: '/konto/wejscie',
      html: '<!doctype html><html lang="pl"><title>Konto</title>Karta 0048113 <a href="/konto/wyjscie">Wyloguj się</a>',
    })
    logout(app, desk, '/konto/wyjscie', '/')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByRole('link', { name: 'Zaloguj się' }).click()
      await page.fill('[name=karta]', username)
      await page.fill('[name=pin]', password)
      await page.getByRole('button').click()
    },
  },
}
