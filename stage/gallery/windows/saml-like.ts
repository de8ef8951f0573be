import { letIn, logout, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const selfPosting = (action: string, name: string, value: string) =>
  `<!doctype html><html lang="fr"><meta charset="utf-8"><body onload="document.forms[0].submit()"><form method="post" action="${action}"><input type="hidden" name="${name}" value="${value}"><noscript><button>Continuer</button></noscript></form></body></html>`
const form = (
  relay: string,
  error = '',
) => `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Portail d’identité — Université du Littoral</title></head><body>
<h1>Authentification centrale</h1><form id="fm1" method="post" action="/cas/login"><input type="hidden" name="relais" value="${relay}"><section><label for="username"><u>I</u>dentifiant&nbsp;:</label><input id="username" name="username" accesskey="i"></section><section><label for="password"><u>M</u>ot de passe&nbsp;:</label><input type="password" id="password" name="password" accesskey="m"></section><div id="msg" class="errors">${error}</div><section><input id="warn" name="warn" value="true" type="checkbox"><label for="warn">Prévenez-moi avant d’accéder à d’autres services.</label></section><input name="submit" type="submit" value="SE CONNECTER"></form></body></html>`

export const samlLike: DoorPlan = {
  name: 'saml-like',
  shape: 'a button on a landing page, then forms that post themselves to an identity provider and back',
  language: 'fr',
  username: 'etu-2211',
  loginPath: '/',
  signedIn: { path: '/cours', text: 'Vos cours, étudiant 2211' },
  says: {
    wrong: 'Les informations transmises n’ont pas permis de vous authentifier.',
    locked: 'Ce compte a été désactivé.',
  },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/', (_request, reply) =>
      show(
        reply,
        '<!doctype html><html lang="fr"><meta charset="utf-8"><title>Cours en ligne</title><h1>Cours en ligne</h1><a class="btn" href="/sso/depart">Connexion avec mon compte universitaire</a><p><a href="/invites">Accès invité</a></p>',
      ),
    )
    app.get('/invites', (_request, reply) => {
      desk.count('otherAccounts')
      return show(reply, '<p>Cours publics</p>')
    })
    app.get('/sso/depart', (_request, reply) =>
      show(reply, selfPosting(`${desk.elsewhere()}/saml`, 'SAMLRequest', desk.keep('request'))),
    )
    app.post<Posted>('/acs', ({ body }, reply) =>
      desk.take(body.SAMLResponse) === 'answer'
        ? letIn(reply, desk, 'MoodleSession').redirect('/cours', 303)
        : show(reply, '<h1>Erreur SSO</h1>', 403),
    )
    app.get('/cours', (request, reply) =>
      desk.isIn(request)
        ? show(
            reply,
            '<!doctype html><html lang="fr"><meta charset="utf-8"><title>Cours</title>Vos cours, étudiant 2211 <a href="/quitter">Quitter</a>',
          )
        : reply.redirect('/'),
    )
    logout(app, desk, '/quitter', '/')
  },
  serveElsewhere(app, desk) {
    app.post<Posted>('/saml', ({ body }, reply) => {
      desk.count('formsShown')
      return show(reply, form(body.SAMLRequest ?? ''))
    })
    app.post<Posted>('/cas/login', ({ body }, reply) => {
      const relay = body.relais ?? ''
      const verdict = desk.tryPassword(body.username, body.password)
      if (verdict !== 'right') return show(reply, form(relay, desk.says(verdict)), 401)
      if (desk.take(relay) !== 'request') return show(reply, '<h1>Session expirée</h1>', 400)
      return show(reply, selfPosting(`${desk.url()}/acs`, 'SAMLResponse', desk.keep('answer')))
    })
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByText('compte universitaire').click()
      await page.fill('#username', username)
      await page.fill('#password', password)
      await page.click('[name=submit]')
    },
  },
}
