import { elsewhereOnThePage, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = `<!doctype html><html lang="tr"><head><meta charset="utf-8"><title>Pazar Yeri</title><style>
.tabs button{padding:10px 20px;border:0;background:#eee}.tabs button.on{background:#f27a1a;color:#fff}form{display:none}form.on{display:block}.err{color:red}</style></head><body>
<div class="tabs"><button class="on" data-tab="uye">Üye Ol</button><button data-tab="giris">Giriş Yap</button></div>
<form id="uye" class="on" action="/uye-ol" method="post"><input name="eposta" type="email" placeholder="E-Posta"><input name="sifre" type="password" placeholder="Şifre"><label><input type="checkbox" name="kvkk">Aydınlatma metnini okudum</label><button>Üye Ol</button></form>
<form id="giris" action="/giris" method="post"><input name="eposta" type="email" placeholder="E-Posta"><input name="sifre" type="password" placeholder="Şifre"><a href="/sifremi-unuttum">Şifremi unuttum</a><p class="err"></p><button>Giriş Yap</button></form>
<script>
function tab(name) { document.querySelectorAll('form, .tabs button').forEach((each) => each.classList.toggle('on', each.id === name || each.dataset.tab === name)) }
document.querySelectorAll('.tabs button').forEach((button) => button.addEventListener('click', () => tab(button.dataset.tab)))
document.getElementById('giris').addEventListener('submit', async (event) => {
  event.preventDefault()
  const answer = await fetch('/giris', { method: 'POST', body: new URLSearchParams(new FormData(event.target)) })
  if (answer.ok) location = '/hesabim'
  else document.querySelector('.err').textContent = await answer.text()
})
</script></body></html>`

export const tabs: DoorPlan = {
  name: 'tabs',
  shape: 'two tabs, and the sign-up one is open',
  language: 'tr',
  username: 'ayse@pazar.example',
  loginPath: '/uyelik',
  signedIn: { path: '/hesabim', text: 'Hoş geldin Ayşe' },
  says: {
    wrong: 'E-posta adresiniz ve/veya şifreniz hatalı.',
    locked: 'Hesabınız kilitlendi.',
    too_many: 'Çok fazla deneme yaptınız.',
  },
  moods: ['locked', 'too_many'],
  serve(app, desk) {
    app.get('/uyelik', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page)
    })
    app.post<Posted>('/giris', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.eposta, body.sifre)
      if (verdict === 'right') return letIn(reply, desk, 'oturum').send('ok')
      return reply.code(400).send(desk.says(verdict))
    })
    elsewhereOnThePage(app, desk, {
      '/uye-ol': { counts: 'signUps', html: 'Üyeliğiniz oluşturuldu' },
      '/sifremi-unuttum': { counts: 'resets', html: 'E-posta gönderildi' },
    })
    const account =
      '<!doctype html><html lang="tr"><title>Hesabım</title>Hoş geldin Ayşe <a href="/cikis">Çıkış Yap</a>'
    membersPage(app, desk, { path: '/hesabim', login: '/uyelik', html: account })
    logout(app, desk, '/cikis', '/uyelik')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.click('[data-tab=giris]')
      await page.fill('#giris [name=eposta]', username)
      await page.fill('#giris [name=sifre]', password)
      await page.click('#giris button')
    },
  },
}
