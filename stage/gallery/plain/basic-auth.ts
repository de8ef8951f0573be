import { letIn, logout, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

export const basicAuth: DoorPlan = {
  name: 'basic-auth',
  shape: 'HTTP basic auth, and a cookie for who has shown it once',
  language: 'en',
  username: 'ops',
  loginPath: '/status',
  signedIn: { path: '/status', text: '12 hosts up' },
  says: { wrong: '401 Authorization Required' },
  asksInDialog: true,
  serve(app, desk) {
    app.get('/status', (request, reply) => {
      const status =
        '<html><title>Monitor</title><h1>Monitor</h1><p>12 hosts up, 0 down</p><a href="/logoff">log off</a></html>'
      if (desk.isIn(request)) return show(reply, status)
      const [scheme, encoded = ''] = request.headers.authorization?.split(' ') ?? []
      if (scheme === 'Basic') {
        const [name, ...rest] = Buffer.from(encoded, 'base64').toString().split(':')
        if (desk.tryPassword(name, rest.join(':')) === 'right')
          return show(letIn(reply, desk, 'monitor'), status)
      } else desk.count('formsShown')
      reply.header('www-authenticate', 'Basic realm="Monitor", charset="UTF-8"')
      return show(
        reply,
        `<html><title>401</title><center><h1>${desk.says('wrong')}</h1></center><hr></html>`,
        401,
      )
    })
    logout(app, desk, '/logoff', '/status')
  },
  byHand: {
    async signIn(page, { username, password, loginUrl }) {
      const { host, pathname } = new URL(loginUrl)
      // What the person types into the browser's dialog.
      await page.goto(`http://${username}:${encodeURIComponent(password)}@${host}${pathname}`)
    },
  },
}
