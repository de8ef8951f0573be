import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (inner: string) => `<HTML><HEAD><TITLE>Lagerverwaltung Neumann GmbH</TITLE></HEAD>
<BODY BGCOLOR="#DDE3EE" TEXT="#000033" LINK="#000099">
<CENTER><FONT FACE="Arial" SIZE="5"><B>Lagerverwaltung</B></FONT><BR><HR WIDTH="60%">${inner}</CENTER></BODY></HTML>`

const page = (error = '') =>
  frame(`<FORM NAME="f1" ACTION="anmelden.cgi" METHOD="POST">
<TABLE BORDER="0" CELLPADDING="4" BGCOLOR="#FFFFFF">
<TR><TD COLSPAN="3"><FONT COLOR="red" SIZE="2">${error}</FONT>&nbsp;</TD></TR>
<TR><TD ALIGN="right"><FONT FACE="Arial" SIZE="2">Benutzerkennung:</FONT></TD><TD WIDTH="8"></TD><TD><INPUT NAME="F_001" SIZE="20" MAXLENGTH="30"></TD></TR>
<TR><TD ALIGN="right"><FONT FACE="Arial" SIZE="2">Kennwort:</FONT></TD><TD></TD><TD><INPUT NAME="F_002" TYPE="PASSWORD" SIZE="20" MAXLENGTH="30"></TD></TR>
<TR><TD></TD><TD></TD><TD><INPUT TYPE="RESET" VALUE="L&ouml;schen"> <INPUT TYPE="SUBMIT" NAME="OK" VALUE="Anmelden"></TD></TR>
</TABLE></FORM><A HREF="hilfe.html"><FONT SIZE="1">Kennwort vergessen?</FONT></A>`)

export const tableLayout: DoorPlan = {
  name: 'table-layout',
  shape: 'an old page: table cells for labels, a reset button before the submit, names that say nothing',
  language: 'de',
  username: 'mneumann',
  loginPath: '/cgi-bin/start.cgi',
  signedIn: { path: '/cgi-bin/menue.cgi', text: 'Angemeldet: mneumann' },
  says: {
    wrong: 'Benutzerkennung oder Kennwort falsch!',
    locked: 'Die Benutzerkennung ist gesperrt.',
  },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/cgi-bin/start.cgi', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/cgi-bin/anmelden.cgi', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.F_001, body.F_002)
      if (verdict === 'right') return letIn(reply, desk, 'CGISESSID').redirect('/cgi-bin/menue.cgi', 302)
      return show(reply, page(desk.says(verdict)))
    })
    const menu = frame(`<TABLE BORDER="1"><TR><TD>Wareneingang</TD><TD>Warenausgang</TD></TR></TABLE>
<FONT SIZE="1">Angemeldet: mneumann | <A HREF="ende.cgi">Abmelden</A></FONT>`)
    membersPage(app, desk, { path: '/cgi-bin/menue.cgi', login: '/cgi-bin/start.cgi', html: menu })
    logout(app, desk, '/cgi-bin/ende.cgi', '/cgi-bin/start.cgi')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('input[name=F_001]', username)
      await page.fill('input[name=F_002]', password)
      await page.click('input[value=Anmelden]')
    },
  },
}
