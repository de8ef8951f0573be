import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (error = '') => `<html lang="tr"><head><meta charset="utf-8"><title>Bayi Girişi</title><script>
alert('Bakım çalışması: 23.00 - 01.00 arasında hizmet verilemeyecektir.')
window.mobile = confirm('Mobil siteye gitmek ister misiniz?')
if (window.mobile) location = '/mobil'
window.onbeforeunload = () => 'Sayfadan çıkmak istiyor musunuz?'
</script></head><body><form name="giris" method="post" action="/bayi/giris" onsubmit="window.onbeforeunload = null"><b>Bayi kodu</b> <input name="kod"><br><b>Parola</b> <input type="password" name="parola"><br><input type="submit" value="Giriş"></form>${error && `<script>alert('${error}')</script>`}</body></html>`

export const alerts: DoorPlan = {
  name: 'alerts',
  shape: 'alert() and confirm() at load, a beforeunload, and errors that are alerts too',
  language: 'tr',
  username: 'BY-340',
  loginPath: '/bayi',
  signedIn: { path: '/bayi/siparis', text: 'Bayi BY-340' },
  says: { wrong: 'Bayi kodu veya parola hatali!', locked: 'Bayi hesabi kilitli!' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/bayi', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.get('/mobil', (_request, reply) =>
      show(
        reply,
        '<html lang="tr"><body>Mobil uygulamamızı indirin. <a href="/bayi">Masaüstü sitesi</a></body></html>',
      ),
    )
    app.post<Posted>('/bayi/giris', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.kod, body.parola)
      if (verdict === 'right') return letIn(reply, desk, 'ASPSESSION').redirect('/bayi/siparis', 302)
      return show(reply, page(desk.says(verdict)))
    })
    membersPage(app, desk, {
      path: '/bayi/siparis',
      login: '/bayi',
      html: '<html lang="tr"><title>Sipariş</title>Bayi BY-340 <a href="/bayi/cikis">Çıkış</a></html>',
    })
    logout(app, desk, '/bayi/cikis', '/bayi')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('[name=kod]', username)
      await page.fill('[name=parola]', password)
      await page.click('[type=submit]')
    },
  },
}
