import { type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (
  google: string,
  error = '',
) => `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Démarches en ligne</title></head><body><form method="post" action="/demarches"><p>Numéro fiscal <input name="numero"></p><p>Mot de passe <input name="mdp" type="password"></p>
<div class="g-recaptcha"><iframe title="reCAPTCHA" src="${google}/recaptcha/api2/anchor?size=normal" width="304" height="78" style="border:0"></iframe><textarea name="g-recaptcha-response" style="display:none"></textarea></div><p>${error}</p><button>Connexion</button></form></body></html>`

export const recaptchaBox: DoorPlan = {
  name: 'recaptcha-box',
  shape: '“I am not a robot” on the form, always: nobody but a person gets in',
  language: 'fr',
  username: '3003199200011',
  loginPath: '/demarches',
  signedIn: { path: '/dossier', text: 'Votre dossier fiscal' },
  says: {
    wrong: 'Numéro fiscal ou mot de passe erroné.',
    captcha: 'Veuillez cocher la case « Je ne suis pas un robot ».',
  },
  endsIn: 'captcha',
  serve(app, desk) {
    app.get('/demarches', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page(desk.elsewhere()))
    })
    app.post<Posted>('/demarches', (_request, reply) => {
      desk.count('passwords')
      desk.count('refused')
      return show(reply, page(desk.elsewhere(), desk.says('captcha')))
    })
    app.get('/dossier', (_request, reply) => reply.redirect('/demarches'))
  },
  serveElsewhere(app, desk) {
    app.get('/recaptcha/api2/anchor', (_request, reply) => {
      desk.count('captchasShown')
      return show(
        reply,
        `<meta charset="utf-8"><body><span id="recaptcha-anchor" class="recaptcha-checkbox" role="checkbox" aria-checked="false" tabindex="0" onclick="location='/recaptcha/api2/bframe'">☐</span> <label>Je ne suis pas un robot</label></body>`,
      )
    })
    app.get('/recaptcha/api2/bframe', (_request, reply) =>
      show(
        reply,
        '<meta charset="utf-8"><body>Sélectionnez toutes les images montrant <b>des feux de circulation</b></body>',
      ),
    )
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('[name=numero]', username)
      await page.fill('[name=mdp]', password)
      await page.getByText('Connexion').click()
    },
    async afterwards(page) {
      await page.getByText('Veuillez cocher la case').waitFor()
    },
  },
}
