import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (
  error = '',
) => `<!doctype html><html lang="en"><head><title>Member login | Tidewater Co-op</title><style>
.hp{position:absolute;left:-9999px;top:auto;width:1px;height:1px;overflow:hidden}form p{margin:12px 0}#msg{color:firebrick}</style></head><body><h2>Member login</h2><p id="msg">${error}</p>
<form action="/members/signin" method="post"><div class="hp" aria-hidden="true"><label for="email">Email</label><input type="text" id="email" name="email" tabindex="-1" autocomplete="off"><label>Website <input name="website" tabindex="-1"></label></div>
<p><label for="m1">Member number</label> <input id="m1" name="m1"></p><p><label for="m2">PIN or password</label> <input id="m2" name="m2" type="password"></p>
<input type="text" name="fax" value="" style="clip-path:inset(50%);height:1px;width:1px;position:absolute;border:0" tabindex="-1"><p><button>Enter members area</button></p></form></body></html>`

export const honeypotOffScreen: DoorPlan = {
  name: 'honeypot-off-screen',
  shape: 'fields off the screen that only robots fill in; the real ones have poor names',
  language: 'en',
  username: 'TW-20077',
  loginPath: '/members',
  signedIn: { path: '/members/area', text: 'Member TW-20077' },
  says: { wrong: 'Sorry, that member number and PIN do not match.', locked: 'Your membership is locked.' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/members', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/members/signin', ({ body }, reply) => {
      if (desk.isTrapped(body.email, body.website, body.fax))
        return show(reply, page('Your request could not be processed.'))
      const verdict = desk.tryPassword(body.m1, body.m2)
      if (verdict === 'right') return letIn(reply, desk, 'tw').redirect('/members/area', 303)
      return show(reply, page(desk.says(verdict)))
    })
    membersPage(app, desk, {
      path: '/members/area',
      login: '/members',
      html: '<title>Area</title><p>Member TW-20077, welcome aboard</p><a href="/members/signoff">Sign off</a>',
    })
    logout(app, desk, '/members/signoff', '/members')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('#m1', username)
      await page.fill('#m2', password)
      await page.click('button')
    },
  },
}
