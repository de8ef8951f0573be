import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (
  error = '',
) => `<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Kundenportal Stadtwerke Auental</title><style>
.w{position:relative}.x{opacity:0;position:absolute;top:0;left:0;height:0;width:0;z-index:-1}.y{height:0;overflow:hidden}.meldung{background:#ffe9e9}</style></head><body><h1>Kundenportal</h1><p class="meldung">${error}</p>
<form method="post" action="/portal/anmeldung"><div class="w"><input class="x" type="email" name="email" autocomplete="username" placeholder="E-Mail-Adresse"><input class="x" type="password" name="password" autocomplete="current-password"></div>
<div class="y"><label>Bitte leer lassen <input name="telefon"></label></div>
<div class="w"><label>Benutzername oder E-Mail <input name="k8s2" type="text" autocomplete="off"></label></div><div class="w"><label>Passwort <input name="k8s3" type="password" autocomplete="off"></label></div>
<label><input type="checkbox" name="merken"> Angemeldet bleiben</label> <input type="submit" value="Anmelden"></form></body></html>`

export const honeypotTransparent: DoorPlan = {
  name: 'honeypot-transparent',
  shape: 'a see-through name and password before the real ones, with the better autocomplete',
  language: 'de',
  username: 'familie.berg',
  loginPath: '/portal',
  signedIn: { path: '/portal/vertraege', text: 'Guten Tag, Familie Berg' },
  says: {
    wrong: 'Benutzername oder Passwort ist nicht korrekt.',
    too_many: 'Zu viele Anmeldeversuche. Bitte versuchen Sie es später erneut.',
  },
  moods: ['too_many'],
  serve(app, desk) {
    app.get('/portal', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/portal/anmeldung', ({ body }, reply) => {
      if (desk.isTrapped(body.email, body.password, body.telefon))
        return show(reply, page('Die Anfrage wurde abgelehnt.'), 403)
      const verdict = desk.tryPassword(body.k8s2, body.k8s3)
      if (verdict === 'right') return letIn(reply, desk, 'portal').redirect('/portal/vertraege', 303)
      return show(reply, page(desk.says(verdict)))
    })
    const contracts =
      '<!doctype html><html lang="de"><title>Verträge</title><h2>Guten Tag, Familie Berg</h2><a href="/portal/abmelden">Abmelden</a>'
    membersPage(app, desk, { path: '/portal/vertraege', login: '/portal', html: contracts })
    logout(app, desk, '/portal/abmelden', '/portal')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('[name=k8s2]', username)
      await page.fill('[name=k8s3]', password)
      await page.click('[value=Anmelden]')
    },
  },
}
