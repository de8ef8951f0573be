import { escapeHtml, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

interface Again {
  name?: string
  wantsCode?: boolean
  error?: string
}

const page = ({
  name = '',
  wantsCode = false,
  error = '',
}: Again = {}) => `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Connexion au nuage</title></head><body><form method="post" action="/index.php/login"><fieldset><p class="info">${wantsCode && !error ? 'Un code de vérification est nécessaire pour ce compte. Saisissez-le avec votre mot de passe.' : ''}</p><p class="warning">${error}</p>
<p class="grouptop"><input type="text" name="user" id="user" placeholder="Nom d’utilisateur ou e-mail" value="${escapeHtml(name)}"></p><p><input type="password" name="password" id="password" placeholder="Mot de passe"></p>${wantsCode ? '<p class="groupbottom"><input type="text" name="otp" id="otp" placeholder="Code à 6 chiffres"></p>' : ''}<input type="submit" value="Se connecter"></fieldset></form></body></html>`

export const totpFormAgain: DoorPlan = {
  name: 'totp-form-again',
  shape: 'the same form comes back, the password empty, with one field more for the code',
  language: 'fr',
  username: 'amelie',
  loginPath: '/index.php/login',
  signedIn: { path: '/index.php/apps/files', text: 'Fichiers de amelie' },
  says: {
    wrong: 'Mauvais identifiant ou mot de passe.',
    codeRefused: 'Le code de vérification est invalide.',
    too_many: 'Trop de tentatives de connexion.',
  },
  moods: ['codes_refused', 'too_many'],
  secondFactor: 'totp',
  serve(app, desk) {
    app.get('/index.php/login', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/index.php/login', ({ body }, reply) => {
      const { user: name, password, otp } = body
      const verdict = desk.tryPassword(name, password)
      const again = { ...(name !== undefined && { name }), wantsCode: otp !== undefined }
      if (verdict !== 'right') return show(reply, page({ ...again, error: desk.says(verdict) }))
      if (otp === undefined) return show(reply, page({ ...again, wantsCode: true }))
      return desk.tryCode(otp)
        ? letIn(reply, desk, 'nc_session').redirect('/index.php/apps/files', 303)
        : show(reply, page({ ...again, error: desk.says('codeRefused') }))
    })
    membersPage(app, desk, {
      path: '/index.php/apps/files',
      login: '/index.php/login',
      html: '<!doctype html><html lang="fr"><title>Fichiers</title>Fichiers de amelie <a href="/index.php/logout">Se déconnecter</a>',
    })
    logout(app, desk, '/index.php/logout', '/index.php/login')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('#user', username)
      await page.fill('#password', password)
      await page.click('[type=submit]')
    },
    async afterwards(page, { password, nextCode }) {
      await page.fill('#otp', await nextCode())
      await page.fill('#password', password)
      await page.click('[type=submit]')
    },
  },
}
