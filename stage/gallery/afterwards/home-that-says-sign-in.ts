import { letIn, logout, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const form = (error = '') =>
  `<!doctype html><html lang="tr"><head><meta charset="utf-8"><title>Giriş yap</title></head><body><form method="post" action="/giris-yap"><h1>Giriş yap</h1><label>Kullanıcı adı veya e-posta<input name="kim"></label><label>Parola<input name="parola" type="password"></label><label><input type="checkbox" name="hatirla"> Beni hatırla</label><div>${error}</div><button>Giriş yap</button></form></body></html>`
const home = `<!doctype html><html lang="tr"><head><meta charset="utf-8"><title>Forum</title></head><body><p>Merhaba Emre. Son giriş: dün 21.04. Hatalı giriş denemesi: 2 yanlış parola.</p><ul><li><a href="/destek">Destek sitesine giriş yap</a></li><li><a href="/cikis-yap">Oturumu kapat</a></li></ul><article><h2>“Giriş yap düğmesi çalışmıyor, parola yanlış diyor”</h2><p>12 yanıt</p></article></body></html>`

export const homeThatSaysSignIn: DoorPlan = {
  name: 'home-that-says-sign-in',
  shape: 'the signed-in page talks of signing in and of wrong passwords; the login page has its address',
  language: 'tr',
  username: 'emre',
  loginPath: '/giris-yap',
  signedIn: { path: '/giris-yap', text: 'Merhaba Emre' },
  says: { wrong: 'Kullanıcı adı veya parola yanlış.', locked: 'Hesabınız askıya alındı.' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/giris-yap', (request, reply) => {
      if (desk.isIn(request)) return show(reply, home)
      desk.count('formsShown')
      return show(reply, form())
    })
    app.post<Posted>('/giris-yap', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.kim, body.parola)
      if (verdict === 'right') return letIn(reply, desk, 'xf_session').redirect('/giris-yap', 303)
      return show(reply, form(desk.says(verdict)))
    })
    app.get('/destek', (_request, reply) => {
      desk.count('otherAccounts')
      return show(reply, form())
    })
    logout(app, desk, '/cikis-yap', '/giris-yap')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByLabel('Kullanıcı adı').fill(username)
      await page.getByLabel('Parola').fill(password)
      await page.getByRole('button').click()
    },
  },
}
