import { type Asked, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (
  cloud: string,
  hasToStay: boolean,
  error = '',
) => `<!doctype html><html lang="pl"><head><meta charset="utf-8"><title>Zaloguj się — Giełda Części</title></head><body><form method="post" action="/logowanie"><label>Adres e-mail <input type="email" name="email"></label> <label>Hasło <input type="password" name="haslo"></label>
<div class="cf-turnstile"><iframe title="Widget containing a Cloudflare security challenge" src="${cloud}/cdn-cgi/challenge-platform/turnstile?stay=${hasToStay ? 1 : 0}" width="300" height="65" style="border:1px solid #ddd"></iframe><input type="hidden" name="cf-turnstile-response"></div><p>${error}</p><button disabled>Zaloguj się</button></form>
<script>addEventListener('message', (event) => { if (event.origin !== '${cloud}') return; document.querySelector('[name=cf-turnstile-response]').value = event.data; document.querySelector('button').disabled = false })</script></body></html>`

export const turnstile: DoorPlan = {
  name: 'turnstile',
  shape: 'a check that passes by itself after a moment and frees the button; in the mood it does not',
  language: 'pl',
  username: 'warsztat@czesci.example',
  loginPath: '/logowanie',
  signedIn: { path: '/oferty', text: 'Twoje oferty' },
  says: {
    wrong: 'Podany e-mail lub hasło są nieprawidłowe.',
    captcha: 'Potwierdź, że jesteś człowiekiem',
    locked: 'Konto zawieszone.',
  },
  moods: ['captcha', 'locked'],
  serve(app, desk) {
    const form = (error = '') => page(desk.elsewhere(), desk.mood() === 'captcha', error)
    app.get('/logowanie', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, form())
    })
    app.post<Posted>('/logowanie', ({ body }, reply) => {
      if (desk.take(body['cf-turnstile-response']) !== 'checked')
        return show(reply, form('Weryfikacja nie powiodła się.'), 403)
      const verdict = desk.tryPassword(body.email, body.haslo)
      return verdict === 'right'
        ? letIn(reply, desk, 'gc').redirect('/oferty', 303)
        : show(reply, form(desk.says(verdict)))
    })
    membersPage(app, desk, {
      path: '/oferty',
      login: '/logowanie',
      html: '<!doctype html><html lang="pl"><title>Oferty</title><h1>Twoje oferty</h1><a href="/wyloguj">Wyloguj</a>',
    })
    logout(app, desk, '/wyloguj', '/logowanie')
  },
  serveElsewhere(app, desk) {
    app.get<Asked>('/cdn-cgi/challenge-platform/turnstile', ({ query }, reply) => {
      if (query.stay !== '1')
        return show(
          reply,
          `<meta charset="utf-8"><body><span>Weryfikowanie…</span><script>setTimeout(() => { document.querySelector('span').textContent = 'Powodzenie!'; parent.postMessage('${desk.keep('checked')}', '*') }, 1500)</script></body>`,
        )
      desk.count('captchasShown')
      return show(
        reply,
        '<meta charset="utf-8"><body><label><input type="checkbox"> Potwierdź, że jesteś człowiekiem</label></body>',
      )
    })
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByLabel('e-mail').fill(username)
      await page.getByLabel('Hasło').fill(password)
      await page.getByRole('button').click()
    },
  },
}
