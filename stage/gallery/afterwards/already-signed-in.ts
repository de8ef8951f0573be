import { cookieOf, giveCookie, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (inner: string) =>
  `<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Leitstand</title></head><body class="sapUiBody"><div role="application">${inner}</div></body></html>`
const form = (error = '') =>
  frame(
    `<form method="post" action="/sap/anmeldung"><label id="l1">Benutzer</label><input name="sap-user" aria-labelledby="l1"><label id="l2">Kennwort</label><input name="sap-password" type="password" aria-labelledby="l2"><label for="sp">Sprache</label><select id="sp" name="sap-language"><option value="DE">DE – Deutsch</option><option value="EN">EN – English</option></select><div class="urMsg">${error}</div><button type="submit">Anmelden</button><button type="submit" name="wechsel" value="1">Kennwort ändern</button></form>`,
  )
const asks = frame(
  `<h2>Sie sind bereits angemeldet</h2><p>Für Ihren Benutzer besteht bereits eine Sitzung an einem anderen Gerät.</p><form method="post" action="/sap/sitzung"><button name="weiter" value="beenden">Andere Sitzung beenden und fortfahren</button><button name="weiter" value="abbruch">Abbrechen</button></form>`,
)

export const alreadySignedIn: DoorPlan = {
  name: 'already-signed-in',
  shape:
    'a language to choose and a second button that changes the password; then: end the other session and go on?',
  language: 'de',
  username: 'LEIT04',
  loginPath: '/sap/leitstand',
  signedIn: { path: '/sap/auftraege', text: 'Aufträge von LEIT04' },
  says: {
    wrong: 'Name oder Kennwort ist nicht korrekt (Wiederholen Sie die Anmeldung)',
    locked: 'Kennwortanmeldung nicht mehr möglich - zu viele Fehlversuche',
  },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/sap/leitstand', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, form())
    })
    app.post<Posted>('/sap/anmeldung', ({ body }, reply) => {
      if (body.wechsel !== undefined) {
        desk.count('passwordChanges')
        return show(reply, frame('<p>Neues Kennwort eingeben</p><input type="password" name="neu">'))
      }
      const verdict = desk.tryPassword(body['sap-user'], body['sap-password'])
      if (verdict === 'right') return show(giveCookie(reply, 'sap-ctx', desk.keep('LEIT04')), asks)
      return show(reply, form(desk.says(verdict)))
    })
    app.post<Posted>('/sap/sitzung', (request, reply) => {
      const isHere = desk.take(cookieOf(request, 'sap-ctx')) === 'LEIT04'
      if (!isHere || request.body.weiter !== 'beenden') return reply.redirect('/sap/leitstand', 303)
      return letIn(reply, desk, 'SAP_SESSIONID').redirect('/sap/auftraege', 303)
    })
    membersPage(app, desk, {
      path: '/sap/auftraege',
      login: '/sap/leitstand',
      html: frame('<h2>Aufträge von LEIT04</h2><a href="/sap/abmelden">Abmelden</a>'),
    })
    logout(app, desk, '/sap/abmelden', '/sap/leitstand')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByLabel('Benutzer').fill(username)
      await page.getByLabel('Kennwort').fill(password)
      await page.getByText('Anmelden', { exact: true }).click()
    },
    async afterwards(page) {
      await page.getByText('Andere Sitzung beenden').click()
    },
  },
}
