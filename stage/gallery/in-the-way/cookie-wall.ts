import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (
  error = '',
) => `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Se connecter — Le Quotidien</title><style>
.didomi-popup-backdrop{position:fixed;inset:0;background:rgba(0,0,0,.6);z-index:2147483640;display:flex;align-items:center;justify-content:center}.didomi-popup{background:#fff;width:520px;padding:24px}body.bloque{overflow:hidden}</style></head><body>
<main><h1>Se connecter</h1><p role="alert">${error}</p><form method="post" action="/sfuser/connexion" id="login-form"><input type="text" name="email" id="email" placeholder=" " aria-labelledby="l1"><span id="l1">Adresse e-mail</span><input type="password" name="password" id="password" aria-labelledby="l2"><span id="l2">Mot de passe</span><button class="button" type="submit">Je me connecte</button></form></main>
<script>
if (!document.cookie.includes('euconsent')) setTimeout(() => {
  document.body.classList.add('bloque')
  const mur = document.createElement('div'); mur.className = 'didomi-popup-backdrop'
  mur.innerHTML = '<div class="didomi-popup"><span class="didomi-continue-without-agreeing" role="button" tabindex="0">Continuer sans accepter →</span><h2>Votre vie privée</h2><p>Avec votre accord, nos partenaires et nous utilisons des cookies.</p><button id="plus">Paramétrer</button> <button id="ok">Accepter &amp; Fermer</button></div>'
  const fini = () => { document.cookie = 'euconsent=1;path=/'; setTimeout(() => mur.remove(), 300) }
  mur.querySelector('#ok').onclick = fini; mur.querySelector('span').onclick = fini
  mur.querySelector('#plus').onclick = () => { mur.querySelector('h2').textContent = 'Vos préférences' }
  document.body.append(mur)
}, 700)
</script></body></html>`

export const cookieWall: DoorPlan = {
  name: 'cookie-wall',
  shape: 'a cookie wall that comes late and swallows every click until it is gone',
  language: 'fr',
  username: 'lecteur@quotidien.example',
  loginPath: '/sfuser/connexion',
  signedIn: { path: '/une', text: 'Édition abonnés' },
  says: { wrong: 'Identifiants incorrects.', too_many: 'Trop d’essais, patientez quelques minutes.' },
  moods: ['too_many'],
  serve(app, desk) {
    app.get('/sfuser/connexion', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/sfuser/connexion', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.email, body.password)
      if (verdict === 'right') return letIn(reply, desk, 'lmd_s').redirect('/une', 302)
      return show(reply, page(desk.says(verdict)))
    })
    membersPage(app, desk, {
      path: '/une',
      login: '/sfuser/connexion',
      html: '<!doctype html><html lang="fr"><meta charset="utf-8"><title>Une</title>Édition abonnés <a href="/sfuser/deconnexion">Se déconnecter</a>',
    })
    logout(app, desk, '/sfuser/deconnexion', '/sfuser/connexion')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByText('Continuer sans accepter').click()
      await page.fill('#email', username)
      await page.fill('#password', password)
      await page.getByText('Je me connecte').click()
    },
  },
}
