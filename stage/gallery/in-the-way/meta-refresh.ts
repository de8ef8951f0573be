import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (error = '') =>
  `<HTML lang="en"><HEAD><TITLE>Dial-Up Members</TITLE></HEAD><BODY><P><B>Members: log in here</B></P><FORM METHOD=POST ACTION="/login.pl">Name <INPUT TYPE=text NAME=nick> Password <INPUT TYPE=password NAME=pass> <INPUT TYPE=submit VALUE="Go!"></FORM><P>${error}</P></BODY></HTML>`

export const metaRefresh: DoorPlan = {
  name: 'meta-refresh',
  shape: 'a page between with a meta refresh; wrong passwords land on a page of their own without a form',
  language: 'en',
  username: 'zaphod',
  loginPath: '/members.html',
  signedIn: { path: '/board.pl', text: 'logged in as zaphod' },
  says: { wrong: 'Login incorrect. Press the Back button and try again.', locked: 'Your nick is banned.' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/members.html', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/login.pl', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.nick, body.pass)
      if (verdict !== 'right')
        return show(reply, `<HTML><BODY><H2>Error</H2>${desk.says(verdict)}</BODY></HTML>`)
      return show(
        letIn(reply, desk, 'nick'),
        '<HTML><HEAD><META HTTP-EQUIV="refresh" CONTENT="2; URL=/frame2.pl"></HEAD><BODY>Thank you for logging in. <A HREF="/frame2.pl">Click here</A> if you are not redirected.</BODY></HTML>',
      )
    })
    app.get('/frame2.pl', (_request, reply) =>
      show(
        reply,
        `<HTML><BODY>One moment ...<SCRIPT>setTimeout(function () { window.location.replace('/board.pl') }, 800)</SCRIPT></BODY></HTML>`,
      ),
    )
    membersPage(app, desk, {
      path: '/board.pl',
      login: '/members.html',
      html: '<HTML><TITLE>Board</TITLE><BODY>You are logged in as zaphod. <A HREF="/logout.pl">[log out]</A></BODY></HTML>',
    })
    logout(app, desk, '/logout.pl', '/members.html')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('[name=nick]', username)
      await page.fill('[name=pass]', password)
      await page.click('[type=submit]')
    },
  },
}
