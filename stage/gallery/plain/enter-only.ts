import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (
  error = '',
) => `<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Espace adhérent</title>
<style>body{background:#123;color:#eee;font:18px monospace;padding:3em}input{background:#000;color:#0f0;border:1px solid #0f0;font:inherit}fieldset{border:1px dashed #0f0;width:30em}</style></head>
<body onload="document.forms[0].elements[0].focus()"><form action="/connexion" method="post"><fieldset><legend>Connexion</legend>
<p>Identifiant&nbsp;: <input name="identifiant" size="20"></p><p>Mot de passe : <input name="mdp" type="password" size="20" onkeypress="if (event.key === 'Enter') this.form.submit()"></p>
<p><em>${error || 'Validez avec la touche Entrée.'}</em></p></fieldset></form></body></html>`

export const enterOnly: DoorPlan = {
  name: 'enter-only',
  shape: 'a form without any button: the Enter key in the password field sends it',
  language: 'fr',
  username: 'adherent-2041',
  loginPath: '/connexion',
  signedIn: { path: '/espace', text: 'Bonjour adhérent 2041' },
  says: { wrong: 'Identifiant ou mot de passe incorrect.', locked: 'Votre compte est bloqué.' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/connexion', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/connexion', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.identifiant, body.mdp)
      if (verdict === 'right') return letIn(reply, desk, 'PHPSESSID').redirect('/espace', 302)
      return show(reply, page(desk.says(verdict)))
    })
    const home =
      '<!DOCTYPE html><html lang="fr"><title>Espace</title>Bonjour adhérent 2041 — <a href="/deconnexion">Se déconnecter</a>'
    membersPage(app, desk, { path: '/espace', login: '/connexion', html: home })
    logout(app, desk, '/deconnexion', '/connexion')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('[name=identifiant]', username)
      await page.fill('[name=mdp]', password)
      await page.press('[name=mdp]', 'Enter')
    },
  },
}
