import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (inner: string) =>
  `<!doctype html><html lang="en"><head><title>Harbour office</title></head><body>${inner}</body></html>`
const captcha = `<p>Click the lighthouse before you sign in.</p>
<img id="captcha-lighthouse" alt="a lighthouse" width="160" height="80" style="position:absolute;left:300px;top:200px;background:#9cf" src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"
onclick="document.querySelector('[name=seen]').value = 'yes'; this.remove()">`
const form = (isAsking: boolean, error = '') =>
  frame(
    `<h1>Berth bookings</h1><form method="post" action="/berths/in"><input name="vessel" placeholder="Vessel"><input name="pass" type="password" placeholder="Password"><input type="hidden" name="seen"><p>${error}</p><button>Come aboard</button></form>${isAsking ? captcha : ''}`,
  )

export const pictureToClick: DoorPlan = {
  name: 'picture-to-click',
  shape: 'in the mood, a picture of its own that wants a click before anything is sent',
  language: 'en',
  username: 'seagull-7',
  loginPath: '/berths/in',
  signedIn: { path: '/berths', text: 'Berths of seagull-7' },
  says: { wrong: 'Wrong vessel or password.', captcha: 'Click the lighthouse first.' },
  moods: ['captcha'],
  serve(app, desk) {
    const isAsking = () => desk.mood() === 'captcha'
    app.get('/berths/in', (_request, reply) => {
      desk.count('formsShown')
      if (isAsking()) desk.count('captchasShown')
      return show(reply, form(isAsking()))
    })
    app.post<Posted>('/berths/in', ({ body }, reply) => {
      const verdict =
        body.seen === 'yes'
          ? desk.tryPassword(body.vessel, body.pass, 'solved')
          : desk.tryPassword(body.vessel, body.pass)
      return verdict === 'right'
        ? letIn(reply, desk, 'berth').redirect('/berths', 303)
        : show(reply, form(isAsking(), desk.says(verdict)))
    })
    membersPage(app, desk, {
      path: '/berths',
      login: '/berths/in',
      html: frame('<h1>Berths of seagull-7</h1><a href="/berths/out">Go ashore</a>'),
    })
    logout(app, desk, '/berths/out', '/berths/in')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('[name=vessel]', username)
      await page.fill('[name=pass]', password)
      await page.getByText('Come aboard').click()
    },
  },
}
