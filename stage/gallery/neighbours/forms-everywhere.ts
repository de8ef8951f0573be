import { elsewhereOnThePage, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (
  error = '',
) => `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Mon compte — La Bonne Caisse</title></head><body>
<header><form action="/recherche" role="search"><input type="search" name="q" placeholder="Rechercher un produit"><button>OK</button></form><a href="/panier">Panier</a></header>
<aside><form action="/mot-de-passe" method="post"><b>Mot de passe oublié ?</b><label>Votre e-mail <input type="email" name="email"></label><button>Recevoir un lien</button></form></aside>
<main><h1>Déjà client ?</h1><div role="alert">${error}</div><form action="/compte/connexion" method="post" id="customer-form">
<label>Adresse e-mail <input type="email" name="email" required></label><label>Mot de passe <input type="password" name="password" required></label>
<button type="button" onclick="location='/panier'">Continuer mes achats</button><button type="submit">Se connecter</button></form></main>
<footer><form action="/newsletter" method="post"><label>Inscrivez-vous à notre lettre <input type="email" name="email" placeholder="Votre adresse e-mail"></label><button type="submit">S’inscrire</button></form></footer></body></html>`

export const formsEverywhere: DoorPlan = {
  name: 'forms-everywhere',
  shape: 'search, forgotten password and newsletter around the sign-in, which has a second button',
  language: 'fr',
  username: 'paul.martin@caisse.example',
  loginPath: '/compte',
  signedIn: { path: '/compte/commandes', text: 'Bonjour Paul Martin' },
  says: { wrong: "Échec d'authentification.", too_many: 'Trop de tentatives. Réessayez dans une heure.' },
  moods: ['too_many'],
  serve(app, desk) {
    app.get('/compte', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/compte/connexion', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.email, body.password)
      if (verdict === 'right') return letIn(reply, desk, 'PrestaShop').redirect('/compte/commandes', 302)
      return show(reply, page(desk.says(verdict)))
    })
    elsewhereOnThePage(app, desk, {
      '/recherche': { counts: 'searches', html: '<p>Aucun résultat</p>' },
      '/mot-de-passe': { counts: 'resets', html: '<p>Un lien vous a été envoyé.</p>' },
      '/newsletter': { counts: 'newsletters', html: '<p>Merci de votre inscription.</p>' },
      '/panier': { counts: 'searches', html: '<p>Votre panier est vide</p>' },
    })
    const orders =
      '<!doctype html><html lang="fr"><title>Commandes</title><p>Bonjour Paul Martin</p><a href="/compte/deconnexion">Déconnexion</a>'
    membersPage(app, desk, { path: '/compte/commandes', login: '/compte', html: orders })
    logout(app, desk, '/compte/deconnexion', '/compte')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('#customer-form [name=email]', username)
      await page.fill('[name=password]', password)
      await page.getByRole('button', { name: 'Se connecter' }).click()
    },
  },
}
