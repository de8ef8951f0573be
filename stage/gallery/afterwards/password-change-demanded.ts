import { type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (inner: string) =>
  `<!doctype html><html lang="pl"><head><meta charset="utf-8"><title>System kadrowy</title></head><body><div id="content">${inner}</div></body></html>`
const form = (error = '') =>
  frame(
    `<h1>Logowanie</h1><form method="post" action="/kadry/logowanie"><label>Nazwa użytkownika <input name="uzytkownik"></label><label>Hasło <input type="password" name="haslo"></label><strong>${error}</strong><button>Zaloguj</button></form>`,
  )
const change = frame(
  `<h1>Twoje hasło wygasło</h1><p>Musisz ustawić nowe hasło, aby kontynuować.</p><form method="post" action="/kadry/zmiana"><label>Obecne hasło <input type="password" name="stare"></label><label>Nowe hasło <input type="password" name="nowe"></label><label>Powtórz nowe hasło <input type="password" name="nowe2"></label><button>Zmień hasło</button></form>`,
)

export const passwordChangeDemanded: DoorPlan = {
  name: 'password-change-demanded',
  shape: 'the password has expired: a new one is demanded, and there is no way around',
  language: 'pl',
  username: 'zielinska',
  loginPath: '/kadry/logowanie',
  signedIn: { path: '/kadry', text: 'Kartoteka pracownika' },
  says: { wrong: 'Błędna nazwa użytkownika lub hasło.', locked: 'Konto zablokowane.' },
  moods: ['locked'],
  endsIn: 'password_change',
  serve(app, desk) {
    app.get('/kadry/logowanie', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, form())
    })
    app.post<Posted>('/kadry/logowanie', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.uzytkownik, body.haslo)
      return show(reply, verdict === 'right' ? change : form(desk.says(verdict)))
    })
    app.post<Posted>('/kadry/zmiana', (_request, reply) => {
      desk.count('passwordChanges')
      return show(reply, frame('<p>Hasło zostało zmienione.</p>'))
    })
    app.get('/kadry', (_request, reply) => reply.redirect('/kadry/logowanie'))
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByLabel('Nazwa').fill(username)
      await page.getByLabel('Hasło').fill(password)
      await page.getByRole('button').click()
    },
    async afterwards(page) {
      await page.getByText('Twoje hasło wygasło').waitFor()
    },
  },
}
